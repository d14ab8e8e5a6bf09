package io.loomkeeper.net.wire;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.loomkeeper.Fuzz;
import io.loomkeeper.net.wire.QuorumCodec.Sender;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Message.LearnerFacts;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QuorumCodecTest {
    private static final int DATA_BYTES_MAX = 1 << 20;
    private static final int ROUNDS = 100_000;
    private static final int ROUNDS_PER_PACKET = 5_000;

    /** Of the decoder itself, and of what an image begins with. */
    private static final int COST_IN_ANY_CASE = 16_000;

    /** A string of no letters has four bytes and becomes half an object in a list. */
    private static final int COST_PER_BYTE = 64;

    @Test
    void packetsEncodeAsApacheEncodesThem() {
        for (QuorumPackets.Pair pair : QuorumPackets.all()) {
            assertEquals(
                    pair.apaches(),
                    Hex.of(QuorumPackets.encode(pair.message())),
                    pair.message().toString());
        }
    }

    @Test
    void packetsDecodeToWhatApacheMeant() throws MalformedException {
        for (QuorumPackets.Pair pair : QuorumPackets.all()) {
            assertEquals(
                    List.of(pair.message()),
                    decode(pair.sender(), Hex.bytes(pair.apaches()), Integer.MAX_VALUE));
        }
    }

    @Test
    void packetsMatchWhatWasSeenOnTheWire() {
        assertEquals(
                Hex.of(
                        Hex.bytes(
                                "0000000b 0000000000000000 00000014 0000000000000003 00010000"
                                        + " 0000000000000000 ffffffff")),
                Hex.of(
                        QuorumPackets.encode(
                                new Message.FollowerInfo(0, new LearnerFacts(3, 0x10000, 0)))));
        assertEquals(
                Hex.of(
                        Hex.bytes(
                                "00000005 0000000000000001 0000000c 02000015f36d0000 00002710"
                                        + " ffffffff")),
                Hex.of(
                        QuorumPackets.encode(
                                new Message.Pong(
                                        1,
                                        List.of(
                                                new Message.Touched(
                                                        0x02000015f36d0000L, 10000))))));
    }

    @Test
    void everyKindOfMessageIsCompared() {
        assertEquals(
                Arrays.stream(Message.class.getPermittedSubclasses())
                        .filter(type -> type != Message.Snap.class)
                        .map(Class::getSimpleName)
                        .collect(Collectors.toSet()),
                QuorumPackets.all().stream()
                        .map(pair -> pair.message().getClass().getSimpleName())
                        .collect(Collectors.toSet()));
    }

    @Test
    void messagesComeWholeHoweverTheStreamIsCut() throws MalformedException {
        for (Sender sender : Sender.values()) {
            List<Message> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (QuorumPackets.Pair pair : QuorumPackets.all()) {
                if (pair.sender() == sender) {
                    sent.add(pair.message());
                    stream.writeBytes(Hex.bytes(pair.apaches()));
                }
            }
            for (int step : List.of(1, 2, 3, 7, 16, 100, 1000)) {
                assertEquals(sent, decode(sender, stream.toByteArray(), step));
            }
        }
    }

    @Test
    void snapBringsTheTreeAndTheStreamGoesOnBehindIt() throws MalformedException {
        TreeImage image = new TreeImage(new DataTree(TreeOptions.DEFAULT).seal());
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(QuorumPackets.encode(new Message.Snap(image.zxid(), image)));
        image.write(
                (source, offset, length) -> {
                    byte[] step = new byte[length];
                    source.getBytes(offset, step);
                    stream.writeBytes(step);
                });
        stream.writeBytes(QuorumPackets.encode(new Message.Commit(1)));
        for (int step : List.of(1, 5, 64, 10_000)) {
            List<Message> got = decode(Sender.LEADER, stream.toByteArray(), step);

            assertEquals(2, got.size());
            Message.Snap snap = assertInstanceOf(Message.Snap.class, got.get(0));
            TreeImage came = assertInstanceOf(TreeImage.class, snap.image());
            assertEquals(image.version().digest(), came.version().digest());
            assertEquals(new Message.Commit(1), got.get(1));
        }
    }

    /** Apache's leader may have counted less than it wrote, or more; one of ours has not. */
    @Test
    void useOfQuotasIsCountedAnewInATreeOfApachesLeader() throws MalformedException {
        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        String quota = "/zookeeper/quota/q";
        String stats = quota + "/zookeeper_stats";
        int zxid = 0;
        for (String path : List.of("/q", quota, quota + "/zookeeper_limits", stats)) {
            Txn create = new Txn.CreateTxn(Op.CREATE, path, Bytes.EMPTY, Acl.OPEN, false, -1);
            tree.apply(new TxnHeader(0, 0, ++zxid, 1), create);
        }
        Bytes wrong = Bytes.utf8("count=7,bytes=7");
        tree.apply(new TxnHeader(0, 0, ++zxid, 1), new Txn.SetDataTxn(stats, wrong, 1));
        TreeImage image = new TreeImage(tree.seal());

        assertEquals(
                Bytes.utf8("count=1,bytes=0"), dataOf(stats, new Message.LeaderInfo(1), image));
        assertEquals(wrong, dataOf(stats, new Message.LeaderInfo(1, 0x10001), image));
    }

    private static @Nullable Bytes dataOf(String path, Message.LeaderInfo leader, TreeImage image)
            throws MalformedException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(QuorumPackets.encode(leader));
        stream.writeBytes(QuorumPackets.encode(new Message.Snap(image.zxid(), image)));
        image.write(
                (source, offset, length) -> {
                    byte[] step = new byte[length];
                    source.getBytes(offset, step);
                    stream.writeBytes(step);
                });
        List<Message> got = decode(Sender.LEADER, stream.toByteArray(), 100);
        Message.Snap snap = assertInstanceOf(Message.Snap.class, got.get(1));
        TreeImage came = assertInstanceOf(TreeImage.class, snap.image());
        assertEquals(image.zxid(), came.zxid());
        return requireNonNull(came.version().node(path)).data();
    }

    @Test
    void snapWithoutItsSignatureIsMalformed() {
        byte[] stream = snapStream();
        stream[stream.length - 1] ^= 1;

        assertThrows(MalformedException.class, () -> decode(Sender.LEADER, stream, stream.length));
    }

    @Test
    void learnersOf34SayNoConfigVersion() throws MalformedException {
        byte[] packet = QuorumPackets.packet(11, 2L << 32, QuorumPackets.data(9L, 0x10000));

        assertEquals(
                List.of(new Message.FollowerInfo(2, new LearnerFacts(9, 0x10000, 0))),
                decode(Sender.LEARNER, packet, packet.length));
    }

    @Test
    void learnersThatDoNotSayWhoTheyAreAreMalformed() {
        for (byte[] data : new byte[][] {null, {}, QuorumPackets.data(9L)}) {
            byte[] packet = QuorumPackets.packet(11, 0, data);

            assertThrows(
                    MalformedException.class, () -> decode(Sender.LEARNER, packet, packet.length));
        }
    }

    @Test
    void bytesBehindTheLastFieldAreIgnored() throws MalformedException {
        byte[] ack = QuorumPackets.packet(3, 5, QuorumPackets.data(1L));
        byte[] epoch = QuorumPackets.packet(18, 5, QuorumPackets.data(1, 2));
        byte[] both = QuorumPackets.joined(ack, epoch);

        assertEquals(
                List.of(new Message.Ack(5), new Message.AckEpoch(5, 1)),
                decode(Sender.LEARNER, both, both.length));
    }

    @Test
    void whatTheOtherEndSaysIsMalformedHere() {
        for (QuorumPackets.Pair pair : QuorumPackets.all()) {
            Sender other = pair.sender() == Sender.LEADER ? Sender.LEARNER : Sender.LEADER;
            byte[] packet = Hex.bytes(pair.apaches());
            boolean isCommon = packet[3] == 5 || packet[3] == 6;
            if (!isCommon) {
                assertThrows(
                        MalformedException.class,
                        () -> decode(other, packet, packet.length),
                        pair.message().toString());
            }
        }
        for (int type : new int[] {0, 20, -1, Integer.MIN_VALUE}) {
            byte[] packet = QuorumPackets.packet(type, 1, null);
            for (Sender sender : Sender.values()) {
                assertThrows(MalformedException.class, () -> decode(sender, packet, packet.length));
            }
        }
    }

    @Test
    void packetsBeyondTheBoundAreRefusedBeforeTheyHaveCome() {
        QuorumDecoder decoder = new QuorumDecoder(Sender.LEADER, TreeOptions.DEFAULT, 100);
        byte[] packet = QuorumPackets.packet(2, 1, new byte[101]);
        decoder.receive(new UnsafeBuffer(packet), 0, 16);

        assertThrows(MalformedException.class, () -> decoder.next());
    }

    @Test
    void anAnnouncedLengthCostsNothing() throws MalformedException {
        QuorumDecoder decoder =
                new QuorumDecoder(Sender.LEADER, TreeOptions.DEFAULT, Integer.MAX_VALUE - 100);
        byte[] head = QuorumPackets.data(2, 1L, Integer.MAX_VALUE - 200, 0L);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        decoder.receive(new UnsafeBuffer(head), 0, head.length);

        assertNull(decoder.next());

        assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 1 << 16);
    }

    @Test
    void identitiesWithoutEndAreMalformed() {
        byte[] head = QuorumPackets.data(1, -1L, -1);
        byte[] count = QuorumPackets.data(1 << 19);
        byte[] text = QuorumPackets.joined(QuorumPackets.data(1 << 19), new byte[1 << 19]);
        byte[] packet = QuorumPackets.joined(head, count, text, text, text);

        assertThrows(MalformedException.class, () -> decode(Sender.LEARNER, packet, packet.length));
    }

    @Test
    void randomBytesAreDecodedOrMalformedAndNothingElse() {
        SplittableRandom random = new SplittableRandom(20261121);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            // small numbers are what types, lengths and counts look like
            for (int i = 0; i + 3 < bytes.length; i += 4) {
                if (random.nextInt(3) > 0) {
                    bytes[i] = bytes[i + 1] = bytes[i + 2] = 0;
                    bytes[i + 3] &= 15;
                }
            }
            feed(random, bytes);
        }
    }

    @Test
    void damagedPacketsCostNoMoreThanTheirBytes() {
        SplittableRandom random = new SplittableRandom(4);
        List<byte[]> packets = new ArrayList<>();
        QuorumPackets.all().forEach(pair -> packets.add(Hex.bytes(pair.apaches())));
        packets.add(snapStream());
        int refused = 0;
        for (byte[] packet : packets) {
            for (int round = 0; round < ROUNDS_PER_PACKET; round++) {
                refused += feed(random, Fuzz.damaged(packet, random));
            }
        }
        assertTrue(refused > ROUNDS_PER_PACKET, refused + " refused");
    }

    private static byte[] snapStream() {
        TreeImage image = new TreeImage(new DataTree(TreeOptions.DEFAULT).seal());
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        QuorumCodec.encode(new Message.Snap(0, image), out);
        image.write(
                (source, offset, length) -> {
                    out.buffer().putBytes(out.position(), source, offset, length);
                    out.position(out.position() + length);
                });
        return Golden.bytes(out);
    }

    /** How many of both ends' decoders refuse them. */
    private static int feed(SplittableRandom random, byte[] bytes) {
        int stepBytes = 1 + random.nextInt(200);
        int refused = 0;
        for (Sender sender : Sender.values()) {
            boolean isRefused =
                    Fuzz.isRefusedWithin(
                            COST_IN_ANY_CASE,
                            COST_PER_BYTE,
                            bytes,
                            MalformedException.class,
                            () -> decode(sender, bytes, stepBytes));
            refused += isRefused ? 1 : 0;
        }
        return refused;
    }

    private static List<Message> decode(Sender sender, byte[] stream, int stepBytes)
            throws MalformedException {
        QuorumDecoder decoder = new QuorumDecoder(sender, TreeOptions.DEFAULT, DATA_BYTES_MAX);
        List<Message> messages = new ArrayList<>();
        UnsafeBuffer buffer = new UnsafeBuffer(stream);
        for (int at = 0; at < stream.length; ) {
            int step = Math.min(stepBytes, stream.length - at);
            decoder.receive(buffer, at, step);
            at += step;
            for (Message next = decoder.next(); next != null; next = decoder.next()) {
                messages.add(next);
            }
        }
        return messages;
    }
}

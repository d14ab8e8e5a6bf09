package io.loomkeeper.net.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomkeeper.Fuzz;
import io.loomkeeper.net.wire.ElectionHello.Form;
import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Vote;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.zookeeper.server.quorum.FastLeaderElection;
import org.apache.zookeeper.server.quorum.QuorumCnxManager.InitialMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ElectionCodecTest {
    private static final int ROUNDS = 100_000;
    private static final int COST_IN_ANY_CASE = 4_000;
    private static final int COST_PER_BYTE = 64;
    private static final Vote VOTE = new Vote(3, 0x700000009L, 6);

    @Test
    void notificationsEncodeAsApacheEncodesThem() throws ReflectiveOperationException {
        int code = 0;
        for (ServerState state : ServerState.values()) {
            for (String config : List.of("", QuorumPackets.CONFIG, "server.1=höst")) {
                byte[] apaches =
                        built(
                                code,
                                VOTE.leader(),
                                VOTE.zxid(),
                                5L,
                                VOTE.peerEpoch(),
                                QuorumPackets.text(config));
                Notification ours =
                        new Notification(state, VOTE, 5, 2, config.isEmpty() ? null : config);

                assertEquals(Hex.of(framed(apaches)), Hex.of(encode(ours)));
            }
            code++;
        }
    }

    @Test
    void notificationsDecodeToWhatApacheMeant()
            throws ReflectiveOperationException, MalformedException {
        byte[] apaches = built(2, 3L, 0x700000009L, 5L, 6L, QuorumPackets.text("x=1"));

        assertEquals(
                new Notification(ServerState.LEADING, VOTE, 5, 2, "x=1"), decode(framed(apaches)));
    }

    private static Notification waiting(@Nullable String seen) {
        return new Notification(ServerState.LOOKING, VOTE, 5, 2, "server.1=höst", seen);
    }

    @Test
    void whatIsSeenComesBackAsItWas() throws MalformedException {
        for (String seen : List.of("x", "server.2=höst\nversion=5", "y".repeat(128 << 10))) {
            assertEquals(waiting(seen), decode(encode(waiting(seen))));
        }
        assertEquals(waiting(null), decode(encode(waiting(""))));
    }

    /** Apache's servers read up to the end of the configuration, and no further. */
    @Test
    void whatIsSeenStandsBehindAllThatApacheReads() throws ReflectiveOperationException {
        byte[] apaches =
                built(
                        0,
                        VOTE.leader(),
                        VOTE.zxid(),
                        5L,
                        VOTE.peerEpoch(),
                        QuorumPackets.text("server.1=höst"));

        byte[] ours = encode(waiting("version=5"));

        assertEquals(
                Hex.of(apaches),
                Hex.of(Arrays.copyOfRange(ours, Integer.BYTES, Integer.BYTES + apaches.length)));
    }

    @Test
    void whatIsSeenIsNotToldWhenItIsTooLong() throws MalformedException {
        assertEquals(waiting(null), decode(encode(waiting("y".repeat((128 << 10) + 1)))));
        assertEquals(waiting(null), decode(encode(waiting("ö".repeat(65 << 10)))));
        String large = "z".repeat((512 << 10) - 200);
        Notification full =
                new Notification(ServerState.LOOKING, VOTE, 5, 2, large, "y".repeat(999));
        Notification told = new Notification(ServerState.LOOKING, VOTE, 5, 2, large, null);
        assertEquals(told, decode(encode(full)));
    }

    /** Half of it says nothing, and costs the link only where what Apache reads is cut too. */
    @Test
    void whatIsSeenCountsWholeOrNotAtAll() throws MalformedException {
        byte[] whole = encode(waiting("server.2=host\nversion=5"));
        int without = encode(waiting(null)).length;
        for (int length = without; length < whole.length; length++) {
            byte[] cut = Arrays.copyOfRange(whole, Integer.BYTES, length);
            assertEquals(waiting(null), decode(framed(cut)), "cut at " + length);
        }
        byte[] longer = Arrays.copyOfRange(whole, Integer.BYTES, whole.length + 1);
        assertEquals(waiting(null), decode(framed(longer)));
    }

    @Test
    void anythingElseBehindTheConfigurationSaysNothing() throws MalformedException {
        SplittableRandom random = new SplittableRandom(7);
        byte[] known = encode(waiting(null));
        byte[] head = Arrays.copyOfRange(known, Integer.BYTES, known.length);
        byte[] ours = QuorumPackets.data(0x4c6f6f6d_6b656570L);
        for (int length : new int[] {-1, 0, 1, 2, 4, 5, 128 << 10, Integer.MAX_VALUE}) {
            byte[] tail = QuorumPackets.joined(ours, QuorumPackets.data(length), new byte[3]);
            assertEquals(waiting(null), decode(framed(QuorumPackets.joined(head, tail))));
        }
        for (int round = 0; round < 1_000; round++) {
            byte[] tail = new byte[random.nextInt(100)];
            random.nextBytes(tail);
            assertEquals(waiting(null), decode(framed(QuorumPackets.joined(head, tail))));
        }
    }

    @Test
    void notificationsOf34AreOfVersion0() throws ReflectiveOperationException, MalformedException {
        byte[] apaches = built(0, 3L, 0x700000009L, 5L, 6L);

        assertEquals(40, apaches.length);
        assertEquals(
                new Notification(ServerState.LOOKING, VOTE, 5, 0, null), decode(framed(apaches)));
    }

    @Test
    void theOldestNotificationsHaveTheEpochOfTheirZxid() throws MalformedException {
        byte[] oldest = QuorumPackets.data(1, 3L, 0x700000009L, 5L);

        assertEquals(
                new Notification(ServerState.FOLLOWING, new Vote(3, 0x700000009L, 7), 5, 0, null),
                decode(framed(oldest)));
    }

    @Test
    void notificationsOfNoKnownShapeAreMalformed() {
        byte[] whole = QuorumPackets.data(0, 3L, 9L, 5L, 6L, 2, 0);
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = framed(Arrays.copyOf(whole, length));
            if (length != 28 && length != 40) {
                assertThrows(MalformedException.class, () -> decode(cut), "of " + length);
            }
        }
        for (int state : new int[] {-1, 4, 1 << 24}) {
            byte[] strange = framed(QuorumPackets.data(state, 3L, 9L, 5L, 6L, 2, 0));
            assertThrows(MalformedException.class, () -> decode(strange));
        }
        for (int config : new int[] {-1, -2, 1, Integer.MAX_VALUE}) {
            byte[] strange = framed(QuorumPackets.data(0, 3L, 9L, 5L, 6L, 2, config));
            assertThrows(MalformedException.class, () -> decode(strange));
        }
        for (int length : new int[] {-1, 0, (512 << 10) + 1, Integer.MAX_VALUE}) {
            byte[] frame = QuorumPackets.data(length);
            assertThrows(MalformedException.class, () -> decode(frame));
        }
    }

    @Test
    void framesComeWholeHoweverTheStreamIsCut() throws MalformedException {
        Notification first = new Notification(ServerState.LOOKING, VOTE, 5, 2, "a=b");
        Notification second = new Notification(ServerState.LEADING, Vote.NONE, 6, 2, null);
        ElectionHello hello = hello(Form.ONE_ADDRESS, new HostPort("127.0.0.1", 3888));
        byte[] stream = QuorumPackets.joined(encode(hello), encode(first), encode(second));
        for (int step : List.of(1, 2, 7, 30, 1000)) {
            ElectionDecoder decoder = new ElectionDecoder();
            List<Object> got = new ArrayList<>();
            for (int at = 0; at < stream.length; at += step) {
                decoder.receive(new UnsafeBuffer(stream), at, Math.min(step, stream.length - at));
                if (got.isEmpty()) {
                    ElectionHello said = decoder.hello();
                    if (said == null) {
                        continue;
                    }
                    got.add(said);
                }
                for (Notification n = decoder.next(); n != null; n = decoder.next()) {
                    got.add(n);
                }
            }
            assertEquals(List.of(hello, first, second), got);
        }
    }

    @Test
    void apacheReadsOurHello() throws Exception {
        InitialMessage one =
                parsed(encode(hello(Form.ONE_ADDRESS, new HostPort("127.0.0.1", 3888))));
        assertEquals(7L, one.sid);
        assertEquals(List.of("127.0.0.1:3888"), texts(one));

        InitialMessage two =
                parsed(
                        encode(
                                hello(
                                        Form.ADDRESSES,
                                        new HostPort("127.0.0.1", 3888),
                                        new HostPort("::1", 3889))));
        assertEquals(List.of("127.0.0.1:3888", "[0:0:0:0:0:0:0:1]:3889"), texts(two));
    }

    private static List<String> texts(InitialMessage message) {
        return message.electionAddr.stream()
                .map(address -> new HostPort(address.getHostString(), address.getPort()))
                .map(HostPort::toString)
                .toList();
    }

    @Test
    void hellosOfAllFormsAreRead() throws MalformedException {
        byte[] address = QuorumPackets.text("10.0.0.1:1|[fe80::1]:65535|host.example:0");
        assertEquals(new ElectionHello(Form.BARE, 5, List.of()), helloOf(QuorumPackets.data(5L)));
        assertEquals(
                new ElectionHello(
                        Form.ADDRESSES,
                        5,
                        List.of(
                                new HostPort("10.0.0.1", 1),
                                new HostPort("fe80::1", 65535),
                                new HostPort("host.example", 0))),
                helloOf(
                        QuorumPackets.joined(
                                QuorumPackets.data(-65535L, 5L, address.length), address)));
        assertArrayEquals(
                QuorumPackets.data(5L), encode(new ElectionHello(Form.BARE, 5, List.of())));
    }

    @Test
    void halfAHelloIsNoneYet() throws MalformedException {
        byte[] whole = encode(hello(Form.ONE_ADDRESS, new HostPort("127.0.0.1", 3888)));
        for (int length = 0; length < whole.length; length++) {
            assertNull(helloOf(Arrays.copyOf(whole, length)));
        }
    }

    @Test
    void hellosThatAreNoneAreMalformed() {
        for (long code : new long[] {-1, -65534, -65537, Long.MIN_VALUE}) {
            assertThrows(MalformedException.class, () -> helloOf(QuorumPackets.data(code, 1L, 1)));
        }
        for (int length : new int[] {-1, 0, 2049, Integer.MAX_VALUE}) {
            assertThrows(
                    MalformedException.class,
                    () -> helloOf(QuorumPackets.data(-65536L, 1L, length)));
        }
        for (String text :
                List.of(
                        "a", ":1", "a:", "a:65536", "a:-1", "a:1x", "[::1]", "[::1:1", "::1:1",
                        "a:1|")) {
            byte[] bytes = QuorumPackets.text(text);
            byte[] hello =
                    QuorumPackets.joined(QuorumPackets.data(-65536L, 1L, bytes.length), bytes);
            assertThrows(MalformedException.class, () -> helloOf(hello), text);
        }
    }

    @Test
    void damageCostsNoMoreThanItsBytes() {
        SplittableRandom random = new SplittableRandom(99);
        byte[] hello = encode(hello(Form.ADDRESSES, new HostPort("127.0.0.1", 3888)));
        byte[] frame = encode(new Notification(ServerState.LOOKING, VOTE, 5, 2, "a=b", "c=d"));
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = Fuzz.damaged(random.nextBoolean() ? hello : frame, random);
            Fuzz.isRefusedWithin(
                    COST_IN_ANY_CASE,
                    COST_PER_BYTE,
                    bytes,
                    MalformedException.class,
                    () -> helloOf(bytes));
            Fuzz.isRefusedWithin(
                    COST_IN_ANY_CASE,
                    COST_PER_BYTE,
                    bytes,
                    MalformedException.class,
                    () -> decode(bytes));
        }
    }

    private static ElectionHello hello(Form form, HostPort... addresses) {
        return new ElectionHello(form, 7, List.of(addresses));
    }

    /** What Apache's election would send, without its length. */
    private static byte[] built(Object... fields) throws ReflectiveOperationException {
        for (Method method : FastLeaderElection.class.getDeclaredMethods()) {
            if (method.getName().equals("buildMsg")
                    && method.getParameterCount() == fields.length) {
                method.setAccessible(true);
                return ((ByteBuffer) method.invoke(null, fields)).array();
            }
        }
        throw new NoSuchMethodException("buildMsg");
    }

    private static InitialMessage parsed(byte[] hello) throws Exception {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(hello));
        return InitialMessage.parse(in.readLong(), in);
    }

    private static byte[] framed(byte[] message) {
        return QuorumPackets.joined(QuorumPackets.data(message.length), message);
    }

    private static byte[] encode(Notification notification) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        NotificationCodec.encode(notification, out);
        return Golden.bytes(out);
    }

    private static byte[] encode(ElectionHello hello) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        hello.encode(out);
        return Golden.bytes(out);
    }

    private static @Nullable Notification decode(byte[] stream) throws MalformedException {
        ElectionDecoder decoder = new ElectionDecoder();
        decoder.receive(new UnsafeBuffer(stream), 0, stream.length);
        return decoder.next();
    }

    private static @Nullable ElectionHello helloOf(byte[] stream) throws MalformedException {
        ElectionDecoder decoder = new ElectionDecoder();
        decoder.receive(new UnsafeBuffer(stream), 0, stream.length);
        return decoder.hello();
    }
}

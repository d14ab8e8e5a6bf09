package io.loomkeeper.net.wire;

import io.loomkeeper.net.wire.QuorumCodec.Sender;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Message.Identity;
import io.loomkeeper.zab.Message.LearnerFacts;
import io.loomkeeper.zab.Message.Touched;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.quorum.LearnerInfo;
import org.apache.zookeeper.server.quorum.QuorumPacket;
import org.jspecify.annotations.Nullable;

/** One message of each kind, and the packet that Apache's classes make for it. */
final class QuorumPackets {
    static final String CONFIG =
            "server.1=127.0.0.1:23201:23301:participant;127.0.0.1:23101\nversion=100000003";
    static final DirectBuffer TXN = buffer("a transaction");

    private static final long SESSION = 0x02000015f36d0000L;
    private static final LearnerFacts LEARNER = new LearnerFacts(3, 0x10000, 0x100000003L);

    private QuorumPackets() {}

    /** A message, who sends it, and its bytes as Apache writes them. */
    record Pair(Sender sender, Message message, String apaches) {}

    static List<Pair> all() {
        return List.of(
                learners(
                        new Message.FollowerInfo(7, LEARNER),
                        packet(11, 7L << 32, record(new LearnerInfo(3, 0x10000, 0x100000003L)))),
                learners(
                        new Message.ObserverInfo(0, LEARNER),
                        packet(16, 0, record(new LearnerInfo(3, 0x10000, 0x100000003L)))),
                leaders(new Message.LeaderInfo(8), packet(17, 8L << 32, data(0x10000))),
                learners(new Message.AckEpoch(0x700000009L, 7), packet(18, 0x700000009L, data(7))),
                learners(
                        new Message.AckEpoch(0x700000009L, -1), packet(18, 0x700000009L, data(-1))),
                leaders(new Message.Diff(5), packet(13, 5, null)),
                leaders(new Message.Trunc(5), packet(14, 5, null)),
                leaders(
                        new Message.NewLeader(8L << 32, CONFIG),
                        packet(10, 8L << 32, text(CONFIG))),
                leaders(new Message.NewLeader(8L << 32, null), packet(10, 8L << 32, null)),
                leaders(new Message.UpToDate(), packet(12, -1, null)),
                leaders(new Message.Proposal(6, TXN), packet(2, 6, text("a transaction"))),
                learners(new Message.Ack(6), packet(3, 6, null)),
                leaders(new Message.Commit(6), packet(4, 6, null)),
                leaders(new Message.Inform(6, TXN), packet(8, 6, text("a transaction"))),
                leaders(new Message.CommitAndActivate(6, 2), packet(9, 6, data(2L))),
                leaders(
                        new Message.InformAndActivate(6, 2, TXN),
                        packet(19, 6, joined(data(2L), text("a transaction")))),
                leaders(new Message.Ping(6), packet(5, 6, null)),
                learners(new Message.Pong(6, List.of()), packet(5, 6, new byte[0])),
                learners(
                        new Message.Pong(6, List.of(new Touched(SESSION, 10000))),
                        packet(5, 6, joined(data(SESSION), data(10000)))),
                learners(forward(List.of()), packet(1, -1, forwarded())),
                learners(
                        forward(List.of(new Identity("ip", "10.0.0.1"), new Identity("x", ""))),
                        packet(
                                1,
                                -1,
                                forwarded(),
                                List.of(new Id("ip", "10.0.0.1"), new Id("x", "")))),
                learners(
                        new Message.Revalidate(SESSION, 10000),
                        packet(6, -1, joined(data(SESSION), data(10000)))),
                leaders(
                        new Message.Revalidated(SESSION, true),
                        packet(6, -1, joined(data(SESSION), new byte[] {1}))),
                leaders(new Message.Sync(), packet(7, 0, null)));
    }

    private static Message.Forward forward(List<Identity> identities) {
        return new Message.Forward(SESSION, 4, 1, buffer("body"), identities);
    }

    private static byte[] forwarded() {
        return joined(data(SESSION), data(4), data(1), text("body"));
    }

    private static Pair leaders(Message message, byte[] apaches) {
        return new Pair(Sender.LEADER, message, Hex.of(apaches));
    }

    private static Pair learners(Message message, byte[] apaches) {
        return new Pair(Sender.LEARNER, message, Hex.of(apaches));
    }

    static byte[] packet(int type, long zxid, byte @Nullable [] data) {
        return packet(type, zxid, data, null);
    }

    static byte[] packet(int type, long zxid, byte @Nullable [] data, @Nullable List<Id> authinfo) {
        return record(new QuorumPacket(type, zxid, data, authinfo));
    }

    static byte[] record(Record record) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            record.serialize(BinaryOutputArchive.getArchive(out), "record");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] encode(Message message) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        QuorumCodec.encode(message, out);
        return Golden.bytes(out);
    }

    static DirectBuffer buffer(String text) {
        return new UnsafeBuffer(text(text));
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] data(Number... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            for (Number value : values) {
                if (value instanceof Integer number) {
                    out.writeInt(number);
                } else {
                    out.writeLong(value.longValue());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}

package io.loomkeeper.net.wire;

import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Message.Identity;
import io.loomkeeper.zab.Message.LearnerFacts;
import io.loomkeeper.zab.Message.Touched;
import io.loomkeeper.zab.Zxid;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What leader and learner say to each other, as packets (protocol 15.1). They follow each other on
 * the stream without any frame; {@link QuorumDecoder} finds where each ends.
 *
 * <pre>
 *   int     type
 *   long    zxid
 *   buffer  data       null where the table says so
 *   vector  authinfo   of { ustring scheme, ustring id }; null but in type 1
 *
 *   type from      zxid               data
 *     1  learner   -1                 long session, int cxid, int op, body to the end
 *     2  leader    transaction's      transaction
 *     3  learner   acked              null
 *     4  leader    committed          null
 *     5  leader    last proposed      null
 *     5  learner   echoed             { long session, int timeout ms } to the end
 *     6  learner   -1                 long session, int timeout ms
 *     6  leader    -1                 long session, bool valid
 *     7  leader    0                  null
 *     8  leader    transaction's      transaction
 *     9  leader    committed          long designated leader
 *    10  leader    new epoch, 0       configuration as UTF-8; null or one byte from 3.4
 *    11  learner   accepted epoch, 0  long sid, int version, long config version (absent in 3.4)
 *    12  leader    -1                 null
 *    13  leader    last to be sent    null
 *    14  leader    to cut down to     null
 *    15  leader    image's            null; the image follows, outside of any packet
 *    16  learner   accepted epoch, 0  as type 11
 *    17  leader    new epoch, 0       int version
 *    18  learner   last durable       int current epoch
 *    19  leader    transaction's      long designated leader, transaction
 * </pre>
 */
public final class QuorumCodec {
    private static final int REQUEST = 1;
    private static final int PROPOSAL = 2;
    private static final int ACK = 3;
    private static final int COMMIT = 4;
    private static final int PING = 5;
    private static final int REVALIDATE = 6;
    private static final int SYNC = 7;
    private static final int INFORM = 8;
    private static final int COMMIT_AND_ACTIVATE = 9;
    private static final int NEW_LEADER = 10;
    private static final int FOLLOWER_INFO = 11;
    private static final int UP_TO_DATE = 12;
    private static final int DIFF = 13;
    private static final int TRUNC = 14;
    static final int SNAP = 15;
    private static final int OBSERVER_INFO = 16;
    private static final int LEADER_INFO = 17;
    private static final int ACK_EPOCH = 18;
    private static final int INFORM_AND_ACTIVATE = 19;

    private static final int TOUCHED_BYTES = Long.BYTES + Integer.BYTES;
    private static final int IDENTITY_BYTES_MIN = 2 * Integer.BYTES;
    private static final int NO_ZXID = -1;
    private static final int NULL = -1;

    private QuorumCodec() {}

    /** Which end of a link wrote the bytes: some types mean something else at the other. */
    public enum Sender {
        LEADER,
        LEARNER
    }

    /**
     * Appends the packet of {@code message}. Behind that of a Snap its image has to follow ({@link
     * TreeImage#write}).
     */
    public static void encode(Message message, JuteOutput out) {
        switch (message) {
            case Message.FollowerInfo(var epoch, var learner) ->
                    encodeLearner(FOLLOWER_INFO, epoch, learner, out);
            case Message.ObserverInfo(var epoch, var learner) ->
                    encodeLearner(OBSERVER_INFO, epoch, learner, out);
            case Message.LeaderInfo(var epoch, var version) ->
                    encodeInt(LEADER_INFO, Zxid.of(epoch, 0), version, out);
            case Message.AckEpoch(var lastZxid, var currentEpoch) ->
                    encodeInt(ACK_EPOCH, lastZxid, currentEpoch, out);
            case Message.Diff(var zxid) -> encodeBare(DIFF, zxid, out);
            case Message.Trunc(var zxid) -> encodeBare(TRUNC, zxid, out);
            case Message.Snap(var zxid, _) -> encodeBare(SNAP, zxid, out);
            case Message.NewLeader(var zxid, var config) -> encodeNewLeader(zxid, config, out);
            case Message.UpToDate _ -> encodeBare(UP_TO_DATE, NO_ZXID, out);
            case Message.Proposal(var zxid, var txn) -> encodeTxn(PROPOSAL, zxid, txn, out);
            case Message.Ack(var zxid) -> encodeBare(ACK, zxid, out);
            case Message.Commit(var zxid) -> encodeBare(COMMIT, zxid, out);
            case Message.Inform(var zxid, var txn) -> encodeTxn(INFORM, zxid, txn, out);
            case Message.CommitAndActivate(var zxid, var leader) ->
                    encodeActivation(COMMIT_AND_ACTIVATE, zxid, leader, null, out);
            case Message.InformAndActivate(var zxid, var leader, var txn) ->
                    encodeActivation(INFORM_AND_ACTIVATE, zxid, leader, txn, out);
            case Message.Ping(var zxid) -> encodeBare(PING, zxid, out);
            case Message.Pong(var zxid, var sessions) -> encodePong(zxid, sessions, out);
            case Message.Forward forward -> encodeForward(forward, out);
            case Message.Revalidate(var session, var timeoutMs) -> {
                int data = begin(REVALIDATE, NO_ZXID, out);
                out.writeLong(session);
                out.writeInt(timeoutMs);
                end(data, out);
            }
            case Message.Revalidated(var session, var isValid) -> {
                int data = begin(REVALIDATE, NO_ZXID, out);
                out.writeLong(session);
                out.writeBool(isValid);
                end(data, out);
            }
            case Message.Sync _ -> encodeBare(SYNC, 0, out);
        }
    }

    /** Appends a Proposal whose transaction lies in a larger buffer. */
    public static void encodeProposal(
            long zxid, DirectBuffer txn, int offset, int length, JuteOutput out) {
        writeHead(PROPOSAL, zxid, out);
        out.writeBytes(txn, offset, length);
        out.writeInt(NULL);
    }

    /** Which zxid an encoded packet carries. */
    public static long zxid(DirectBuffer packet, int offset) {
        return packet.getLong(offset + Integer.BYTES, ByteOrder.BIG_ENDIAN);
    }

    private static void writeHead(int type, long zxid, JuteOutput out) {
        out.writeInt(type);
        out.writeLong(zxid);
    }

    private static void encodeBare(int type, long zxid, JuteOutput out) {
        writeHead(type, zxid, out);
        out.writeInt(NULL);
        out.writeInt(NULL);
    }

    /** Begins a packet with data, which is everything written until {@link #end}. */
    private static int begin(int type, long zxid, JuteOutput out) {
        writeHead(type, zxid, out);
        return out.beginFrame();
    }

    private static void end(int data, JuteOutput out) {
        out.endFrame(data);
        out.writeInt(NULL);
    }

    private static void encodeInt(int type, long zxid, int value, JuteOutput out) {
        int data = begin(type, zxid, out);
        out.writeInt(value);
        end(data, out);
    }

    private static void encodeTxn(int type, long zxid, DirectBuffer txn, JuteOutput out) {
        writeHead(type, zxid, out);
        out.writeBytes(txn, 0, txn.capacity());
        out.writeInt(NULL);
    }

    private static void encodeActivation(
            int type, long zxid, long leader, @Nullable DirectBuffer txn, JuteOutput out) {
        int data = begin(type, zxid, out);
        out.writeLong(leader);
        if (txn != null) {
            out.write(txn, 0, txn.capacity());
        }
        end(data, out);
    }

    private static void encodeLearner(int type, int epoch, LearnerFacts learner, JuteOutput out) {
        int data = begin(type, Zxid.of(epoch, 0), out);
        out.writeLong(learner.sid());
        out.writeInt(learner.protocolVersion());
        out.writeLong(learner.configVersion());
        end(data, out);
    }

    private static void encodeNewLeader(long zxid, @Nullable String config, JuteOutput out) {
        writeHead(NEW_LEADER, zxid, out);
        out.writeString(config);
        out.writeInt(NULL);
    }

    private static void encodePong(long zxid, List<Touched> sessions, JuteOutput out) {
        int data = begin(PING, zxid, out);
        for (Touched session : sessions) {
            out.writeLong(session.sessionId());
            out.writeInt(session.timeoutMs());
        }
        end(data, out);
    }

    private static void encodeForward(Message.Forward forward, JuteOutput out) {
        int data = begin(REQUEST, NO_ZXID, out);
        out.writeLong(forward.sessionId());
        out.writeInt(forward.cxid());
        out.writeInt(forward.op());
        out.write(forward.body(), 0, forward.body().capacity());
        out.endFrame(data);
        // what no client asked for has no identities, which Apache's learners say with null
        out.writeInt(forward.identities().isEmpty() ? NULL : forward.identities().size());
        for (Identity identity : forward.identities()) {
            out.writeString(identity.scheme());
            out.writeString(identity.id());
        }
    }

    /** Whether that end of a link may write packets of that type. */
    static boolean isSentBy(Sender sender, int type) {
        return switch (type) {
            case REQUEST, ACK, FOLLOWER_INFO, OBSERVER_INFO, ACK_EPOCH -> sender == Sender.LEARNER;
            case PING, REVALIDATE -> true;
            case PROPOSAL,
                    COMMIT,
                    SYNC,
                    INFORM,
                    COMMIT_AND_ACTIVATE,
                    NEW_LEADER,
                    UP_TO_DATE,
                    DIFF,
                    TRUNC,
                    SNAP,
                    LEADER_INFO,
                    INFORM_AND_ACTIVATE ->
                    sender == Sender.LEADER;
            default -> false;
        };
    }

    /**
     * Decodes a packet that is all there, and no Snap.
     *
     * @param data its data, none when that is null
     * @param authinfo what follows the data
     */
    static Message decode(Sender sender, int type, long zxid, JuteInput data, JuteInput authinfo)
            throws MalformedException {
        return switch (type) {
            case REQUEST -> decodeForward(data, authinfo);
            case PROPOSAL -> new Message.Proposal(zxid, rest(data));
            case ACK -> new Message.Ack(zxid);
            case COMMIT -> new Message.Commit(zxid);
            case PING -> sender == Sender.LEADER ? new Message.Ping(zxid) : decodePong(zxid, data);
            case REVALIDATE ->
                    sender == Sender.LEADER
                            ? new Message.Revalidated(data.readLong(), data.readBool())
                            : new Message.Revalidate(data.readLong(), data.readInt());
            case SYNC -> new Message.Sync();
            case INFORM -> new Message.Inform(zxid, rest(data));
            case COMMIT_AND_ACTIVATE -> new Message.CommitAndActivate(zxid, data.readLong());
            case NEW_LEADER -> new Message.NewLeader(zxid, decodeConfig(data));
            case FOLLOWER_INFO -> new Message.FollowerInfo(Zxid.epoch(zxid), decodeLearner(data));
            case UP_TO_DATE -> new Message.UpToDate();
            case DIFF -> new Message.Diff(zxid);
            case TRUNC -> new Message.Trunc(zxid);
            case OBSERVER_INFO -> new Message.ObserverInfo(Zxid.epoch(zxid), decodeLearner(data));
            case LEADER_INFO -> new Message.LeaderInfo(Zxid.epoch(zxid), data.readInt());
            case ACK_EPOCH -> new Message.AckEpoch(zxid, data.readInt());
            case INFORM_AND_ACTIVATE ->
                    new Message.InformAndActivate(zxid, data.readLong(), rest(data));
            default -> throw new MalformedException("packet of type " + type);
        };
    }

    private static Message decodeForward(JuteInput data, JuteInput authinfo)
            throws MalformedException {
        return new Message.Forward(
                data.readLong(),
                data.readInt(),
                data.readInt(),
                rest(data),
                decodeIdentities(authinfo));
    }

    private static List<Identity> decodeIdentities(JuteInput in) throws MalformedException {
        int count = in.readCount(IDENTITY_BYTES_MIN);
        List<Identity> identities = new ArrayList<>(Math.max(0, count));
        for (int i = 0; i < count; i++) {
            identities.add(new Identity(in.readStringOrEmpty(), in.readStringOrEmpty()));
        }
        return List.copyOf(identities);
    }

    private static Message decodePong(long zxid, JuteInput data) throws MalformedException {
        List<Touched> sessions = new ArrayList<>(data.remaining() / TOUCHED_BYTES);
        while (data.remaining() > 0) {
            sessions.add(new Touched(data.readLong(), data.readInt()));
        }
        return new Message.Pong(zxid, List.copyOf(sessions));
    }

    private static LearnerFacts decodeLearner(JuteInput data) throws MalformedException {
        long sid = data.readLong();
        int version = data.readInt();
        return new LearnerFacts(sid, version, data.remaining() < Long.BYTES ? 0 : data.readLong());
    }

    private static @Nullable String decodeConfig(JuteInput data) {
        return data.remaining() <= 1
                ? null
                : data.buffer().getStringWithoutLengthUtf8(data.position(), data.remaining());
    }

    /** A copy of what is left of the data. */
    private static DirectBuffer rest(JuteInput data) {
        byte[] copy = new byte[data.remaining()];
        data.buffer().getBytes(data.position(), copy);
        return new UnsafeBuffer(copy);
    }
}

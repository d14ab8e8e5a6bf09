package io.loomkeeper.zab;

import java.util.List;
import org.agrona.DirectBuffer;

/**
 * What committed transactions are delivered to, and what serves clients: a port of the agreement
 * core, implemented by {@code server}. Called on the one thread, from inside calls of {@link Peer}.
 */
public interface StateMachine {
    /**
     * Everything that this server proposed up to and including {@code zxid} is committed. Called
     * with rising values; the state machine holds what it proposed itself, and delivers it in zxid
     * order.
     */
    void onCommitted(long zxid);

    /**
     * A committed transaction that this server has not proposed in its present leadership: apply
     * it. Called in zxid order, each once (S3).
     */
    void onDelivered(long zxid, DirectBuffer txn);

    /** The last zxid delivered, installed or recovered. */
    long lastApplied();

    /**
     * The state at {@link #lastApplied}, for a learner that needs all of it.
     *
     * @param tail what is to be in it besides, in zxid order: the end of a leader's history that is
     *     not known to be committed before its epoch is established. This server's own state stays
     *     without it
     */
    Image image(List<Entry> tail);

    /**
     * This server leads: {@link Peer#propose} may be called, clients be served. All history is
     * delivered (S8).
     */
    void onLeading(int epoch);

    /** This server serves clients, and forwards their writes to the leader. */
    void onFollowing(ServerState state, long leader, int epoch);

    /**
     * This server serves no clients (S13): connections go; what was proposed and is not committed
     * is forgotten, the state returns to {@link #lastApplied}.
     */
    void onLooking();

    /** The configuration that this server goes by from now on, for whoever asks for it. */
    default void onConfiguration(Membership active) {}

    /** On a leader: a learner that serves has sent this. Forward, Revalidate or Pong. */
    void onLearnerMessage(long link, Message message);

    /** On a leader: that server is durable up to there, as it has just said. */
    default void onAcked(long sid, long zxid) {}

    /** On a leader: a learner is gone. */
    void onLearnerDown(long link);

    /** On a learner that serves: the leader has sent this. Revalidated or Sync. */
    void onLeaderMessage(Message message);

    /** On a learner: the sessions heard of since the last call. */
    List<Message.Touched> takeTouched();
}

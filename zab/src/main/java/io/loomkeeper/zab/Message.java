package io.loomkeeper.zab;

import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a leader and its learners say to each other on a quorum link (protocol 15.1). Buffers are
 * never changed once they are in a message.
 */
public sealed interface Message {
    /** How much memory the parts of variable length take, in bytes; an image lies elsewhere. */
    default long contentBytes() {
        return switch (this) {
            case Proposal(_, var txn) -> txn.capacity();
            case Inform(_, var txn) -> txn.capacity();
            case InformAndActivate(_, _, var txn) -> txn.capacity();
            case Forward forward -> forward.body().capacity();
            case Pong(_, var sessions) -> (long) Touched.MEMORY_BYTES * sessions.size();
            case FollowerInfo _,
                    ObserverInfo _,
                    LeaderInfo _,
                    AckEpoch _,
                    Diff _,
                    Trunc _,
                    Snap _,
                    NewLeader _,
                    UpToDate _,
                    Ack _,
                    Commit _,
                    CommitAndActivate _,
                    Ping _,
                    Revalidate _,
                    Revalidated _,
                    Sync _ ->
                    0;
        };
    }

    /** Who a learner is. */
    record LearnerFacts(long sid, int protocolVersion, long configVersion) {}

    /** Type 11: a follower introduces itself with the newest epoch that it has promised. */
    record FollowerInfo(int acceptedEpoch, LearnerFacts learner) implements Message {}

    /** Type 16: an observer introduces itself. */
    record ObserverInfo(int acceptedEpoch, LearnerFacts learner) implements Message {}

    /**
     * Type 17: the leader's new epoch.
     *
     * @param protocolVersion other than 0x10000 only from one of our leaders to one of our
     *     learners: this leader takes a Pong at any time for a sign of life (L4)
     */
    record LeaderInfo(int epoch, int protocolVersion) implements Message {
        /** As Apache's leaders say it, and as their learners are told it. */
        private static final int APACHES_VERSION = 0x10000;

        public LeaderInfo(int epoch) {
            this(epoch, APACHES_VERSION);
        }

        /** Whether one of our leaders may have said it; Apache's did otherwise. */
        public boolean isOurs() {
            return protocolVersion != APACHES_VERSION;
        }
    }

    /**
     * Type 18: the learner has promised the epoch.
     *
     * @param lastZxid the last one that is durable on it (D1)
     * @param currentEpoch -1: promised before, not to be counted again
     */
    record AckEpoch(long lastZxid, int currentEpoch) implements Message {
        /**
         * Asks for an image, whatever the history: no leader finds this zxid in its own. Said again
         * after a Trunc it refuses that; Apache's leader closes the link on that.
         */
        static final AckEpoch FOR_IMAGE = new AckEpoch(-1, -1);
    }

    /** Type 13: transactions up to {@code zxid} follow. */
    record Diff(long zxid) implements Message {}

    /** Type 14: cut everything above {@code zxid}; transactions may follow. */
    record Trunc(long zxid) implements Message {}

    /** Type 15: replace everything by this image, which is of exactly {@code zxid}. */
    record Snap(long zxid, Image image) implements Message {}

    /**
     * Type 10: the leader's history is complete as sent.
     *
     * @param zxid the epoch's, counter 0
     * @param config the leader's newest configuration as text; null from an ancient leader
     */
    record NewLeader(long zxid, @Nullable String config) implements Message {}

    /** Type 12: serve. */
    record UpToDate() implements Message {}

    /** Type 2: log this. */
    record Proposal(long zxid, DirectBuffer txn) implements Message {}

    /**
     * Type 3: everything up to {@code zxid} is durable here; counter 0: the epoch's NewLeader is.
     */
    record Ack(long zxid) implements Message {}

    /** Type 4: deliver. */
    record Commit(long zxid) implements Message {}

    /** Type 8: to observers, a committed transaction. */
    record Inform(long zxid, DirectBuffer txn) implements Message {}

    /** Type 9: deliver a reconfiguration and go by it. */
    record CommitAndActivate(long zxid, long designatedLeader) implements Message {}

    /** Type 19: the same for observers. */
    record InformAndActivate(long zxid, long designatedLeader, DirectBuffer txn)
            implements Message {}

    /** Type 5, from the leader: alive; {@code zxid} is the last one proposed. */
    record Ping(long zxid) implements Message {}

    /** Type 5, a learner's echo, with the sessions that it heard of since the last. */
    record Pong(long zxid, List<Touched> sessions) implements Message {}

    /** A session that is alive. */
    record Touched(long sessionId, int timeoutMs) {
        private static final int MEMORY_BYTES = 32;
    }

    /**
     * Type 1: a client's write, forwarded.
     *
     * @param body as the client sent it
     * @param identities of the client, opaque here
     */
    record Forward(long sessionId, int cxid, int op, DirectBuffer body, List<Identity> identities)
            implements Message {}

    /** What a client has authenticated as. */
    record Identity(String scheme, String id) {}

    /** Type 6, from a learner: a client wants to go on with this session here. */
    record Revalidate(long sessionId, int timeoutMs) implements Message {}

    /** Type 6, from the leader. */
    record Revalidated(long sessionId, boolean isValid) implements Message {}

    /** Type 7: whatever was forwarded as a sync first and is unanswered may be answered now. */
    record Sync() implements Message {}
}

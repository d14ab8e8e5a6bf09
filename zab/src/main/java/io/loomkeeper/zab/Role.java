package io.loomkeeper.zab;

import java.util.Collections;
import java.util.SortedMap;
import org.agrona.DirectBuffer;

/**
 * What a server is at the moment. What a role does not expect it does not override: links that
 * somebody opens are closed, messages of links that are gone are dropped.
 */
sealed interface Role permits Alone, Looking, Learning, Leading {
    ServerState state();

    /** In words, for the operator. */
    String phase();

    long leader();

    int epoch();

    boolean isServing();

    long lastProposed();

    long lastCommitted();

    /** The vote and state that are told to whoever asks. */
    Notification notification();

    void onTick();

    long nextDeadlineMs();

    void onNotification(long from, Notification notification);

    /** Known to be reachable again, or not to be. */
    default void onPeerReachable(long sid, boolean isReachable) {}

    void onAccepted(long link);

    default void onLinkUp(long link) {}

    default void onLinkDown(long link) {}

    default void onProgress(long link) {}

    void onMessage(long link, Message message);

    /** The history is durable up to there; it knows. */
    void onDurable(long zxid);

    /** The history was cut or replaced, durably; it knows. */
    default void onHistoryChanged() {}

    default void onLocated(long link, long zxid) {}

    default boolean ready() {
        return true;
    }

    default void replace(Image image) {
        throw new IllegalStateException("a state is agreed on with others");
    }

    default boolean propose(DirectBuffer txn, int offset, int length) {
        throw new IllegalStateException("not leading");
    }

    default void forward(Message message) {}

    default void answer(long link, Message message) {}

    default void sync(long link, long atLeast) {}

    default void handOver() {}

    default boolean isQuorumSynced(Membership membership) {
        return false;
    }

    default boolean isEnding() {
        return false;
    }

    default Peer.Following following() {
        return Peer.Following.NONE;
    }

    default SortedMap<Long, Long> acked() {
        return Collections.emptySortedMap();
    }
}

package io.loomkeeper.net;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What links to other servers need of this one. Each port is called on the links' own threads.
 *
 * @param fatal told of an Error that ended a thread: the process cannot be trusted any more
 */
public record PeerPorts(
        PeerSink sink, HistorySource history, Meter meter, Consumer<Throwable> fatal) {
    private static final long OFFER_PAUSE_MIN_NS = 50_000;
    private static final long OFFER_PAUSE_MAX_NS = 5_000_000;

    /** Is told how what is sent to learners waits for its turn; adds something up and returns. */
    public interface Meter {
        Meter NONE = new Meter() {};

        /** The link's writer begins to take what waits: so many messages more than the first. */
        default void onDrained(long sid, int waiting) {}

        /** A message has waited so long until the writer took it; one of many. */
        default void onWaited(long sid, long ns) {}
    }

    /** Puts something into the sink, waiting while it is full, until nobody wants that any more. */
    void offer(BooleanSupplier isOver, Predicate<PeerSink> message) {
        long pauseNs = OFFER_PAUSE_MIN_NS;
        while (!isOver.getAsBoolean() && !message.test(sink)) {
            LockSupport.parkNanos(this, pauseNs);
            pauseNs = Math.min(2 * pauseNs, OFFER_PAUSE_MAX_NS);
        }
    }
}

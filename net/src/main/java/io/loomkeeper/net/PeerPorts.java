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
public record PeerPorts(PeerSink sink, HistorySource history, Consumer<Throwable> fatal) {
    private static final long OFFER_PAUSE_MIN_NS = 50_000;
    private static final long OFFER_PAUSE_MAX_NS = 5_000_000;

    /** Puts something into the sink, waiting while it is full, until nobody wants that any more. */
    void offer(BooleanSupplier isOver, Predicate<PeerSink> message) {
        long pauseNs = OFFER_PAUSE_MIN_NS;
        while (!isOver.getAsBoolean() && !message.test(sink)) {
            LockSupport.parkNanos(this, pauseNs);
            pauseNs = Math.min(2 * pauseNs, OFFER_PAUSE_MAX_NS);
        }
    }
}

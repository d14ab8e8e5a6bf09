package io.loomkeeper.admin;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Looks after a virtual thread that writes to a socket, or reads from one: if it gets no further
 * for a while it is interrupted, which closes the socket. Over when closed.
 */
final class Patience implements AutoCloseable {
    private final CountDownLatch over = new CountDownLatch(1);

    private Patience() {}

    /**
     * Begins to look after the calling thread.
     *
     * @param progress a number that changes when it gets further
     * @param limitMs for which it may stay the same, at least; twice as long at most
     */
    static Patience with(LongSupplier progress, int limitMs) {
        Patience patience = new Patience();
        Thread observed = Thread.currentThread();
        Thread.ofVirtual()
                .name("admin-patience")
                .start(() -> patience.watch(observed, progress, limitMs));
        return patience;
    }

    private void watch(Thread observed, LongSupplier progress, int limitMs) {
        try {
            long before = progress.getAsLong();
            while (!over.await(limitMs, TimeUnit.MILLISECONDS)) {
                long now = progress.getAsLong();
                if (now == before) {
                    observed.interrupt();
                    return;
                }
                before = now;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        over.countDown();
    }
}

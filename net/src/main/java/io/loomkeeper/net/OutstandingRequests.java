package io.loomkeeper.net;

import java.util.concurrent.atomic.AtomicInteger;

/** How many requests of all connections together are in flight, and whether that is too many. */
final class OutstandingRequests {
    private final int max;
    private final AtomicInteger count = new AtomicInteger();

    OutstandingRequests(int max) {
        this.max = max;
    }

    void add(int requests) {
        int now = count.addAndGet(requests);
        assert now >= 0 : now;
    }

    int count() {
        return count.get();
    }

    /** Connections that have requests in flight send no more of them (protocol 2.1). */
    boolean isOverLimit() {
        return count.get() > max;
    }
}

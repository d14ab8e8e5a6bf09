package io.loomkeeper.server;

import io.loomkeeper.admin.Command.Reply;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets one in at a time, and not more than one in an interval. Any thread may ask. */
final class Turns {
    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);
    private static final int TOO_MANY_REQUESTS = 429;
    private static final long NS_PER_MS = 1_000_000;

    private final int intervalMs;
    private final AtomicBoolean isTaken = new AtomicBoolean();
    private final AtomicLong nextNs = new AtomicLong(System.nanoTime());

    Turns(int intervalMs) {
        this.intervalMs = intervalMs;
    }

    /** Takes a turn, if there is one; then {@link #giveBack} follows. */
    boolean take() {
        if (!isTaken.compareAndSet(false, true)) {
            return false;
        }
        long nowNs = System.nanoTime();
        if (nowNs - nextNs.get() < 0) {
            isTaken.set(false);
            return false;
        }
        nextNs.set(nowNs + intervalMs * NS_PER_MS);
        return true;
    }

    void giveBack() {
        isTaken.set(false);
    }

    /**
     * Gives up the processor for a moment, in the midst of what keeps it busy: a virtual thread
     * that computes holds one of the few threads that all others run on.
     */
    static void letOthersGoFirst() {
        LockSupport.parkNanos(1);
    }

    /**
     * What whoever was not let in is told.
     *
     * @param what they had asked for, as Apache's log line begins
     */
    Reply refusal(String what, Runnable count) {
        count.run();
        LOG.warn("{} request was rate limited", what);
        return Reply.refused(
                TOO_MANY_REQUESTS, "one at a time, and in " + intervalMs + " ms not more than one");
    }
}

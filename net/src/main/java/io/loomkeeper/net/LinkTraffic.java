package io.loomkeeper.net;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What one quorum link has carried since it came, or since it was set back. Its reader and its
 * writer count; any thread reads, each number as of some recent moment.
 */
final class LinkTraffic {
    private static final long NO_ZXID = -1;

    private final LongAdder received = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final AtomicLong lastZxid = new AtomicLong(NO_ZXID);

    /** A packet came in. */
    void onReceived(boolean isRequest) {
        received.increment();
        if (isRequest) {
            requests.increment();
        }
    }

    /**
     * A packet is on its way out.
     *
     * @param zxid of its head; one that is none counts for nothing
     */
    void onSent(long zxid) {
        sent.increment();
        if (zxid > 0) {
            lastZxid.setOpaque(zxid);
        }
    }

    long received() {
        return received.sum();
    }

    /** Packets that brought a client's request. */
    long requests() {
        return requests.sum();
    }

    long sent() {
        return sent.sum();
    }

    /** The zxid that went out last; -1 when there was none. */
    long lastZxid() {
        return lastZxid.getOpaque();
    }

    void reset() {
        received.reset();
        requests.reset();
        sent.reset();
        lastZxid.setOpaque(NO_ZXID);
    }
}

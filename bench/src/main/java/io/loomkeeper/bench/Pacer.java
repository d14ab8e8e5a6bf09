package io.loomkeeper.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The sending thread of an open loop: request k is due at k / rate, on the connections in turn,
 * whatever the answers do.
 *
 * <p>A request counts from when it was due. One that has to wait, for its connection's buffer or
 * because this thread was late, loses nothing of that time: there is no coordinated omission.
 */
final class Pacer implements Worker {
    private static final long RETRY_NS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final List<Connection> connections;
    private final Window window;
    private final long firstNs;
    private final int ratePerSecond;
    private final Tally tally;
    private final List<Connection> unflushed = new ArrayList<>();
    private long next;

    /** The first request is due at {@code firstNs}, the last before the window ends. */
    Pacer(List<Connection> connections, Window window, long firstNs, int ratePerSecond) {
        this.connections = connections;
        this.window = window;
        this.firstNs = firstNs;
        this.ratePerSecond = ratePerSecond;
        tally = new Tally(window, true);
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public void run() {
        while (!window.endedBy(dueNs()) || !unflushed.isEmpty()) {
            long now = System.nanoTime();
            if (window.graceEndedBy(now)) {
                break;
            }
            offerAllDue(now);
            flushAll();
            long waitNs = dueNs() - System.nanoTime();
            LockSupport.parkNanos(unflushed.isEmpty() && waitNs > 0 ? waitNs : RETRY_NS);
        }
        connections.forEach(Connection::finish);
        countUnsent();
    }

    /** Stops early at a connection that cannot take its request: the order of requests stays. */
    private void offerAllDue(long nowNs) {
        while (dueNs() - nowNs <= 0 && !window.endedBy(dueNs())) {
            Connection connection = connections.get((int) (next % connections.size()));
            if (connection.isBroken()) {
                tally.onUnanswered(dueNs(), nowNs);
            } else if (!connection.offer(dueNs())) {
                return;
            } else if (!unflushed.contains(connection)) {
                unflushed.add(connection);
            }
            next++;
        }
    }

    private void flushAll() {
        for (Iterator<Connection> each = unflushed.iterator(); each.hasNext(); ) {
            Connection connection = each.next();
            try {
                if (connection.flush()) {
                    each.remove();
                }
            } catch (IOException e) {
                each.remove();
                tally.onFailure("sending: " + e.getMessage());
                connection.setBroken();
            }
        }
    }

    private void countUnsent() {
        long now = System.nanoTime();
        for (; !window.endedBy(dueNs()); next++) {
            tally.onUnanswered(dueNs(), now);
        }
    }

    private long dueNs() {
        return firstNs
                + next / ratePerSecond * SECOND_NS
                + next % ratePerSecond * SECOND_NS / ratePerSecond;
    }
}

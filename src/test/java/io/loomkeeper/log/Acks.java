package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A listener that remembers, and that tests can wait on. */
final class Acks implements DurabilityListener {
    private static final long TIMEOUT_S = 30;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Throwable> failures = new ArrayList<>();
    private final Map<Thread, Integer> reports = new HashMap<>();
    private long durable;
    private long records;
    private int forces;

    @Override
    public void onDurable(long zxid) {
        lock.lock();
        try {
            assert zxid > durable : zxid + " after " + durable;
            assert failures.isEmpty() : "an ack after a failure";
            durable = zxid;
            reports.merge(Thread.currentThread(), 1, Integer::sum);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onHistoryChanged(long zxid) {
        lock.lock();
        try {
            durable = zxid;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onFailure(Throwable cause) {
        lock.lock();
        try {
            failures.add(cause);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onForced(long durationNs, int count, long bytes) {
        lock.lock();
        try {
            records += count;
            forces++;
        } finally {
            lock.unlock();
        }
    }

    void awaitDurable(long zxid) {
        await(() -> durable >= zxid || !failures.isEmpty());
        if (!failures.isEmpty()) {
            throw new AssertionError("failed at " + durable, failures.getFirst());
        }
    }

    /** Waits for the first failure, before which nothing more is reported. */
    void awaitFailureBehind(long zxid) {
        await(() -> !failures.isEmpty() || durable > zxid);
        assertEquals(zxid, durable(), "reported, although it may not be on disk");
    }

    private void await(BooleanSupplier condition) {
        lock.lock();
        try {
            long leftNs = TimeUnit.SECONDS.toNanos(TIMEOUT_S);
            while (!condition.getAsBoolean()) {
                if (leftNs <= 0) {
                    throw new AssertionError("waited in vain; durable up to " + durable);
                }
                leftNs = changed.awaitNanos(leftNs);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }

    long durable() {
        lock.lock();
        try {
            return durable;
        } finally {
            lock.unlock();
        }
    }

    int reportsBy(Thread thread) {
        lock.lock();
        try {
            return reports.getOrDefault(thread, 0);
        } finally {
            lock.unlock();
        }
    }

    List<Throwable> failures() {
        lock.lock();
        try {
            return List.copyOf(failures);
        } finally {
            lock.unlock();
        }
    }

    long records() {
        lock.lock();
        try {
            return records;
        } finally {
            lock.unlock();
        }
    }

    int forces() {
        lock.lock();
        try {
            return forces;
        } finally {
            lock.unlock();
        }
    }
}

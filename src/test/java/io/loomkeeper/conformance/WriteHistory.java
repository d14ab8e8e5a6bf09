package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/**
 * What clients wrote to an ensemble while things broke, and what they were told: each creates nodes
 * of its own, many at a time.
 */
final class WriteHistory {
    private static final int IN_FLIGHT = 20;
    private static final int WITHIN_SECONDS = 60;

    /** All of it is read back from every server. */
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(15);

    private final ConcurrentLinkedQueue<Write> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicInteger sent = new AtomicInteger();

    /** An acknowledged creation, the {@code number}th of its session. */
    private record Write(
            long session, int number, String path, long sentNs, long ackedNs, long czxid) {}

    int acknowledgedCount() {
        return acknowledged.size();
    }

    int sentCount() {
        return sent.get();
    }

    static void prepare(ZooKeeper client, String parent) throws Exception {
        client.create(parent, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    /** Creates nodes below {@code parent} until this thread is interrupted; then awaits answers. */
    void write(ZooKeeper client, String parent) {
        Semaphore room = new Semaphore(IN_FLIGHT);
        try {
            for (int number = 1; ; number++) {
                room.acquire();
                create(client, parent + "/n" + number, number, room);
                LockSupport.parkNanos(PAUSE_NS);
            }
        } catch (InterruptedException _) {
            awaitAll(room);
        }
    }

    private static void awaitAll(Semaphore room) {
        try {
            assertTrue(
                    room.tryAcquire(IN_FLIGHT, WITHIN_SECONDS, TimeUnit.SECONDS),
                    "unanswered writes");
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted twice", e);
        }
    }

    private void create(ZooKeeper client, String path, int number, Semaphore room) {
        sent.incrementAndGet();
        long sentNs = System.nanoTime();
        client.create(
                path,
                path.getBytes(UTF_8),
                Ids.OPEN_ACL_UNSAFE,
                CreateMode.PERSISTENT,
                (code, _, _, _, stat) -> {
                    if (code == KeeperException.Code.OK.intValue()) {
                        acknowledged.add(
                                new Write(
                                        client.getSessionId(),
                                        number,
                                        path,
                                        sentNs,
                                        System.nanoTime(),
                                        stat.getCzxid()));
                    }
                    room.release();
                },
                null);
    }

    /**
     * Nothing acknowledged is lost, and each has the czxid that its client was told (S11); what a
     * session asked in turn happened in turn (C3); what was acknowledged before another was sent
     * happened before it (C1).
     *
     * @param tree by path, with each node's czxid first in what follows its data
     */
    void check(SortedMap<String, String> tree) {
        for (Write write : acknowledged) {
            String found = tree.get(write.path);
            assertTrue(found != null, () -> "lost: " + write);
            String stat = found.substring(found.indexOf(' ') + 1);
            assertEquals(
                    Long.toString(write.czxid), stat.substring(0, stat.indexOf(',')), write::path);
        }
        checkSessionOrder();
        checkRealTimeOrder();
    }

    private void checkSessionOrder() {
        List<Write> inTurn = new ArrayList<>(acknowledged);
        inTurn.sort(Comparator.comparingLong(Write::session).thenComparingInt(Write::number));
        for (int i = 1; i < inTurn.size(); i++) {
            Write before = inTurn.get(i - 1);
            Write write = inTurn.get(i);
            assertTrue(
                    before.session != write.session || before.czxid < write.czxid,
                    () -> "C3: " + before + ", " + write);
        }
    }

    private void checkRealTimeOrder() {
        List<Write> newestFirst = new ArrayList<>(acknowledged);
        newestFirst.sort(Comparator.comparingLong(Write::czxid).reversed());
        Write earliestAcked = null;
        for (Write write : newestFirst) {
            Write later = earliestAcked;
            assertTrue(
                    later == null || later.ackedNs - write.sentNs >= 0,
                    () -> "C1: " + later + " was acknowledged before " + write + " was sent");
            if (later == null || write.ackedNs - later.ackedNs < 0) {
                earliestAcked = write;
            }
        }
    }
}

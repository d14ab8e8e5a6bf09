package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * One node that is written again and again while others read it: no session ever sees it go back
 * (C5), and what a session reads behind a sync is not older than what was acknowledged before (C4).
 */
final class ReadHistory {
    private static final String PATH = "/counted";

    /** The version that a write was acknowledged with. */
    private final AtomicInteger acknowledged = new AtomicInteger();

    private final AtomicInteger reads = new AtomicInteger();
    private volatile @Nullable AssertionError wrong;

    static void prepare(ZooKeeper client) throws Exception {
        client.create(PATH, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    int readCount() {
        return reads.get();
    }

    /** Until this thread is interrupted. */
    void write(ZooKeeper client) {
        repeat(
                () -> {
                    byte[] number = ByteBuffer.allocate(4).putInt(reads.get()).array();
                    int version = client.setData(PATH, number, -1).getVersion();
                    acknowledged.accumulateAndGet(version, Math::max);
                });
    }

    /** Until this thread is interrupted. */
    void read(ZooKeeper client) {
        int[] seen = new int[1];
        long[] session = new long[1];
        repeat(
                () -> {
                    int least = acknowledged.get();
                    boolean isSynced = reads.get() % 2 == 0 && sync(client);
                    Stat stat = new Stat();
                    client.getData(PATH, false, stat);
                    if (client.getSessionId() == session[0]) {
                        assertTrue(
                                stat.getVersion() >= seen[0],
                                () -> "C5: %d after %d".formatted(stat.getVersion(), seen[0]));
                    }
                    if (isSynced) {
                        assertTrue(
                                stat.getVersion() >= least,
                                () -> "C4: %d after %d".formatted(stat.getVersion(), least));
                    }
                    session[0] = client.getSessionId();
                    seen[0] = stat.getVersion();
                    reads.incrementAndGet();
                });
    }

    private static boolean sync(ZooKeeper client) throws InterruptedException {
        int[] code = new int[1];
        CountDownLatch answered = new CountDownLatch(1);
        AsyncCallback.VoidCallback done =
                (result, _, _) -> {
                    code[0] = result;
                    answered.countDown();
                };
        client.sync(PATH, done, null);
        answered.await();
        return code[0] == KeeperException.Code.OK.intValue();
    }

    private interface Step {
        void run() throws KeeperException, InterruptedException;
    }

    private void repeat(Step step) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    step.run();
                } catch (KeeperException.ConnectionLossException _) {
                    // neither done nor not done; the client comes back by itself
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (KeeperException e) {
            wrong = new AssertionError(e);
        } catch (AssertionError e) {
            wrong = e;
        }
    }

    void check() {
        AssertionError found = wrong;
        if (found != null) {
            throw found;
        }
        assertTrue(acknowledged.get() > 0 && reads.get() > 0, "nothing was read or written");
    }
}

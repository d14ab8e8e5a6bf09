package io.loomkeeper;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** Apache's client of whatever server a test has. */
public final class TestClient {
    private static final int SESSION_TIMEOUT_MS = 30_000;
    private static final long WAIT_S = 30;

    private TestClient() {}

    /**
     * A client with a session.
     *
     * @param servers {@code host:port} each, with commas between
     */
    public static ZooKeeper connect(String servers) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client =
                new ZooKeeper(
                        servers,
                        SESSION_TIMEOUT_MS,
                        event -> {
                            if (event.getState() == KeeperState.SyncConnected) {
                                connected.countDown();
                            }
                        });
        assertTrue(connected.await(WAIT_S, TimeUnit.SECONDS), "no session");
        return client;
    }
}

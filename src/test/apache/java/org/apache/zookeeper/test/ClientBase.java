package org.apache.zookeeper.test;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.loomkeeper.conformance.apache.ProcessServerFactory;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.zookeeper.PortAssignment;
import org.apache.zookeeper.TestableZooKeeper;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZKTestCase;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.FourLetterWordMain;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the class of this name in Apache's test jar. The same members, so that the test classes link against it
 * unchanged; but the server that every test gets is a process of its own, empty at the start of the test.
 */
public abstract class ClientBase extends ZKTestCase {
    protected static final Logger LOG = LoggerFactory.getLogger(ClientBase.class);
    public static int CONNECTION_TIMEOUT = 30_000;
    private static final long POLL_NANOS = 20_000_000;
    private static final int TICK_TIME_MS = 3_000;

    protected String hostPort = "127.0.0.1:" + PortAssignment.unique();
    protected int maxCnxns = 0;
    protected ServerCnxnFactory serverFactory = null;
    protected File tmpDir = null;
    protected boolean exceptionOnFailedConnect = false;

    private final List<ZooKeeper> clients = new ArrayList<>();

    @BeforeEach
    public void setUp() throws Exception {
        setUpWithServerId(1);
    }

    @AfterEach
    public void tearDown() throws Exception {
        tearDownAll();
        stopServer();
        if (tmpDir != null) {
            assertTrue(recursiveDelete(tmpDir), () -> "delete " + tmpDir);
        }
        cleanUpCustomizedEnv();
    }

    /** The id is a detail of the session ids that a server gives out; the process chooses its own. */
    protected void setUpWithServerId(int serverId) throws Exception {
        setupTestEnv();
        setupCustomizedEnv();
        setUpAll();
        tmpDir = createTmpDir();
        startServer();
    }

    protected void setUpAll() throws Exception {}

    protected void tearDownAll() throws Exception {
        List<ZooKeeper> open;
        synchronized (clients) {
            open = List.copyOf(clients);
            clients.clear();
        }
        for (ZooKeeper client : open) {
            client.close();
        }
    }

    public void setupCustomizedEnv() {}

    public void cleanUpCustomizedEnv() {}

    /** Called by tests that start servers themselves. */
    public static void setupTestEnv() {}

    protected void startServer() throws Exception {
        serverFactory = createNewServerInstance(serverFactory, hostPort, maxCnxns);
        startServerInstance(tmpDir, serverFactory, hostPort, 1);
    }

    protected void stopServer() throws Exception {
        if (serverFactory != null) {
            serverFactory.shutdown();
            assertTrue(waitForServerDown(hostPort, CONNECTION_TIMEOUT), "server is down");
            serverFactory = null;
        }
    }

    public static ServerCnxnFactory createNewServerInstance(
            ServerCnxnFactory factory, String hostPort, int maxCnxns) throws IOException, InterruptedException {
        return factory != null ? factory : ServerCnxnFactory.createFactory(port(hostPort), maxCnxns);
    }

    public static void startServerInstance(File dataDir, ServerCnxnFactory factory, String hostPort, int serverId)
            throws IOException, InterruptedException {
        factory.startup(new ZooKeeperServer(dataDir, dataDir, TICK_TIME_MS));
    }

    protected TestableZooKeeper createClient() throws IOException, InterruptedException {
        return createClient(hostPort);
    }

    protected TestableZooKeeper createClient(String connectString) throws IOException, InterruptedException {
        return createClient(new CountdownWatcher(), connectString);
    }

    protected TestableZooKeeper createClient(CountdownWatcher watcher) throws IOException, InterruptedException {
        return createClient(watcher, hostPort);
    }

    protected TestableZooKeeper createClient(String connectString, int timeoutMs)
            throws IOException, InterruptedException {
        return createClient(new CountdownWatcher(), connectString, timeoutMs);
    }

    protected TestableZooKeeper createClient(CountdownWatcher watcher, String connectString)
            throws IOException, InterruptedException {
        return createClient(watcher, connectString, CONNECTION_TIMEOUT);
    }

    /** A connected client, closed at the end of the test. */
    protected TestableZooKeeper createClient(CountdownWatcher watcher, String connectString, int timeoutMs)
            throws IOException, InterruptedException {
        watcher.reset();
        TestableZooKeeper client = new TestableZooKeeper(connectString, timeoutMs, watcher);
        synchronized (clients) {
            clients.add(client);
        }
        try {
            watcher.waitForConnected(timeoutMs);
        } catch (TimeoutException e) {
            if (exceptionOnFailedConnect) {
                throw new ProtocolException("Unable to connect to server");
            }
            fail("Unable to connect to server", e);
        }
        if (serverFactory instanceof ProcessServerFactory factory) {
            factory.onClient(client);
        }
        return client;
    }

    public static ZooKeeper createZKClient(String connectString) throws Exception {
        return createZKClient(connectString, CONNECTION_TIMEOUT);
    }

    public static ZooKeeper createZKClient(String connectString, int timeoutMs) throws IOException {
        return createZKClient(connectString, timeoutMs, CONNECTION_TIMEOUT);
    }

    public static ZooKeeper createZKClient(String connectString, int timeoutMs, long connectedWithinMs)
            throws IOException {
        return createZKClient(connectString, timeoutMs, connectedWithinMs, new ZKClientConfig());
    }

    /** A connected client, which the caller closes. */
    public static ZooKeeper createZKClient(
            String connectString, int timeoutMs, long connectedWithinMs, ZKClientConfig config) throws IOException {
        CountdownWatcher watcher = new CountdownWatcher();
        ZooKeeper client = new ZooKeeper(connectString, timeoutMs, watcher, config);
        try {
            watcher.waitForConnected(connectedWithinMs);
        } catch (InterruptedException | TimeoutException e) {
            fail("ZooKeeper client can not connect to " + connectString, e);
        }
        return client;
    }

    /** True as soon as the first of the addresses answers the four-letter word stat as a serving server does. */
    public static boolean waitForServerUp(String connectString, long withinMs) {
        HostPort address = parseHostPortList(connectString).get(0);
        return await(withinMs, () -> serves(address));
    }

    /** True as soon as nothing listens on the first of the addresses. */
    public static boolean waitForServerDown(String connectString, long withinMs) {
        HostPort address = parseHostPortList(connectString).get(0);
        return await(withinMs, () -> !listens(address));
    }

    private static boolean serves(HostPort address) {
        try {
            String answer = FourLetterWordMain.send4LetterWord(address.host, address.port, "stat");
            return answer.startsWith("Zookeeper version:") && !answer.contains("READ-ONLY");
        } catch (Exception e) {
            return false;
        }
    }

    private static boolean listens(HostPort address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.host, address.port), 5_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean await(long withinMs, BooleanSupplier condition) {
        long deadline = System.nanoTime() + MILLISECONDS.toNanos(withinMs);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    public static File createTmpDir() throws IOException {
        return createTmpDir(testBaseDir, true);
    }

    public static File createEmptyTestDir() throws IOException {
        return createTmpDir(testBaseDir, false);
    }

    static File createTmpDir(File parent, boolean createInitFile) throws IOException {
        Files.createDirectories(parent.toPath());
        File created = Files.createTempDirectory(parent.toPath(), "test").toFile();
        if (createInitFile) {
            createInitializeFile(created);
        }
        return created;
    }

    public static void createInitializeFile(File directory) throws IOException {
        File file = new File(directory, "initialize");
        assertTrue(file.exists() || file.createNewFile(), () -> "create " + file);
    }

    public static boolean recursiveDelete(File directory) {
        return TestUtils.deleteFileRecursively(directory, true);
    }

    protected static String getHexSessionId(long session) {
        return "0x" + Long.toHexString(session);
    }

    static void verifyThreadTerminated(Thread thread, long withinMs) throws InterruptedException {
        thread.join(withinMs);
        assertFalse(thread.isAlive(), () -> "still alive: " + thread);
    }

    /** For the log of a test that is about to fail. */
    public static void logAllStackTraces() {
        Thread.getAllStackTraces().forEach((thread, stack) -> LOG.error("{} {}", thread, List.of(stack)));
    }

    private static int port(String hostPort) {
        return parseHostPortList(hostPort).get(0).port;
    }

    public static List<HostPort> parseHostPortList(String connectString) {
        List<HostPort> addresses = new ArrayList<>();
        String hosts = connectString.contains("/") ? connectString.substring(0, connectString.indexOf('/')) : connectString;
        for (String hostPort : hosts.split(",")) {
            int colon = hostPort.lastIndexOf(':');
            int port = Integer.parseInt(hostPort.substring(colon + 1));
            addresses.add(new HostPort(hostPort.substring(0, colon), port));
        }
        return addresses;
    }

    /** One address of a connection string. */
    public static class HostPort {
        String host;
        int port;

        public HostPort(String host, int port) {
            this.host = host;
            this.port = port;
        }
    }

    /** A watcher that knows whether its client is connected and to what kind of server. */
    public static class CountdownWatcher implements Watcher {
        volatile CountDownLatch clientConnected = new CountDownLatch(1);
        private KeeperState state = KeeperState.Disconnected;

        public synchronized void reset() {
            clientConnected = new CountDownLatch(1);
            state = KeeperState.Disconnected;
        }

        @Override
        public synchronized void process(WatchedEvent event) {
            state = event.getState();
            notifyAll();
            if (isConnected()) {
                clientConnected.countDown();
            }
        }

        public synchronized boolean isConnected() {
            return isSyncConnected() || isReadOnlyConnected();
        }

        private synchronized boolean isSyncConnected() {
            return state == KeeperState.SyncConnected;
        }

        private synchronized boolean isReadOnlyConnected() {
            return state == KeeperState.ConnectedReadOnly;
        }

        protected synchronized String connectionDescription() {
            return "state " + state;
        }

        public void waitForConnected(long withinMs) throws InterruptedException, TimeoutException {
            waitUntil(this::isConnected, withinMs);
        }

        public void waitForSyncConnected(long withinMs) throws InterruptedException, TimeoutException {
            waitUntil(this::isSyncConnected, withinMs);
        }

        public void waitForReadOnlyConnected(long withinMs) throws InterruptedException, TimeoutException {
            waitUntil(this::isReadOnlyConnected, withinMs);
        }

        public void waitForDisconnected(long withinMs) throws InterruptedException, TimeoutException {
            waitUntil(() -> !isConnected(), withinMs);
        }

        private synchronized void waitUntil(BooleanSupplier condition, long withinMs)
                throws InterruptedException, TimeoutException {
            long deadline = System.nanoTime() + MILLISECONDS.toNanos(withinMs);
            while (!condition.getAsBoolean()) {
                long leftMs = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    throw new TimeoutException(connectionDescription());
                }
                wait(leftMs);
            }
        }
    }
}

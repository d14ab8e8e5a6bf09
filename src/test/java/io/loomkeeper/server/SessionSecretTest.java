package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.tree.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class SessionSecretTest {
    @TempDir private Path folder;

    private Config config(String... lines) throws IOException, ConfigException {
        Config config = LiveServer.config(folder, lines);
        Files.createDirectories(DataDirs.epochs(config.storage()));
        return config;
    }

    @Test
    void serverOfItsOwnMakesASecretThatOnlyItsOwnerReads() throws IOException, ConfigException {
        Bytes made = SessionSecret.of(config());
        Path file = DataDirs.epochs(config().storage()).resolve("session.secret");

        assertEquals(made, SessionSecret.of(config()));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Files.delete(file);
        assertNotEquals(made, SessionSecret.of(config()));
    }

    @Test
    void fileThatIsNamedMustBeThereAndLong() throws IOException, ConfigException {
        Path file = folder.resolve("secret");
        Config config = config("session.secretFile=" + file);

        assertThrows(IOException.class, () -> SessionSecret.of(config));
        Files.writeString(file, "short");
        assertThrows(IOException.class, () -> SessionSecret.of(config));
        Files.writeString(file, "0123456789abcdef0123456789abcdef\n");
        assertEquals(Bytes.utf8("0123456789abcdef0123456789abcdef"), SessionSecret.of(config));
    }

    /**
     * Who can read a node knows the session of its ephemeral owner. With Apache that is enough to
     * take the session over and end it.
     */
    @Test
    void knowingASessionsIdIsNotEnoughToTakeItOver() throws Exception {
        try (LiveServer server = LiveServer.start(folder)) {
            server.client.create("/lock", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            Stat seen = server.client.exists("/lock", false);
            long victim = seen.getEphemeralOwner();
            CountDownLatch refused = new CountDownLatch(1);
            CountDownLatch connected = new CountDownLatch(1);

            ZooKeeper thief =
                    new ZooKeeper(
                            "127.0.0.1:" + server.server.address().getPort(),
                            30_000,
                            event -> {
                                if (event.getState() == KeeperState.Expired) {
                                    refused.countDown();
                                }
                                if (event.getState() == KeeperState.SyncConnected) {
                                    connected.countDown();
                                }
                            },
                            victim,
                            SessionIds.apachesPassword(victim));
            try {
                assertTrue(refused.await(30, TimeUnit.SECONDS), "it is not refused");
                assertEquals(1, connected.getCount());
            } finally {
                thief.close();
            }

            assertEquals(victim, server.client.getSessionId());
            assertEquals(seen, server.client.exists("/lock", false));
            assertTrue(server.client.getState().isConnected());
        }
    }

    @Test
    void ownerComesBackWithThePasswordThatItWasGivenEvenAfterARestart() throws Exception {
        long id;
        byte[] password;
        LiveServer first = LiveServer.start(folder);
        id = first.client.getSessionId();
        password = first.client.getSessionPasswd();
        first.server.stop();
        first.client.close();

        try (LiveServer second = LiveServer.start(folder)) {
            CountDownLatch connected = new CountDownLatch(1);
            ZooKeeper owner =
                    new ZooKeeper(
                            "127.0.0.1:" + second.server.address().getPort(),
                            30_000,
                            event -> {
                                if (event.getState() == KeeperState.SyncConnected) {
                                    connected.countDown();
                                }
                            },
                            id,
                            password);
            try {
                assertTrue(connected.await(30, TimeUnit.SECONDS), "it is not connected");
                assertEquals(id, owner.getSessionId());
            } finally {
                owner.close();
            }
        }
    }
}

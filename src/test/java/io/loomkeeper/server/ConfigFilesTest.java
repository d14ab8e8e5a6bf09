package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomkeeper.zab.Membership;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a configuration that changes (protocol 17.3). */
final class ConfigFilesTest {
    private static final String STATIC =
            "# ours\ninitLimit=5\nsyncLimit=5\nreconfigEnabled=true\nclientPort=21\npeerType=participant\n";
    private static final String THREE =
            """
            server.1=a:1:2:participant;21
            server.2=b:1:2:participant;21
            server.10=c:1:2:participant;21
            """;

    @TempDir Path directory;
    private Path zooCfg;

    @BeforeEach
    void serverIsNumberTwo() throws Exception {
        zooCfg = directory.resolve("zoo.cfg");
        Files.writeString(directory.resolve("myid"), "2\n");
        Files.writeString(zooCfg, "dataDir=" + directory + "\n" + STATIC + THREE);
    }

    private EnsembleConfig started() throws Exception {
        try (Reader text = Files.newBufferedReader(zooCfg)) {
            return Config.parse(zooCfg.toString(), text, Map.of()).ensemble().orElseThrow();
        }
    }

    private static Membership next(Memberships memberships, long version) {
        String text = "server.2=b:1:2:participant;21\nserver.1=a:1:2:observer;21\nversion=";
        return Objects.requireNonNull(memberships.read(text + Long.toHexString(version)));
    }

    @Test
    void activeConfigurationIsThereAtTheNextStart() throws Exception {
        Memberships memberships = new Memberships(started());
        memberships.backUp();
        memberships.onActive(next(memberships, 0x10000000aL));

        assertEquals(
                "server.1=a:1:2:observer;0.0.0.0:21\nserver.2=b:1:2:participant;0.0.0.0:21",
                Files.readString(directory.resolve("zoo.cfg.dynamic.10000000a")));
        assertEquals(
                "dataDir=%s\ninitLimit=5\nsyncLimit=5\nreconfigEnabled=true\ndynamicConfigFile=%s\n"
                        .formatted(directory, directory.resolve("zoo.cfg.dynamic.10000000a")),
                Files.readString(zooCfg));
        assertEquals(
                "dataDir=" + directory + "\n" + STATIC + THREE,
                Files.readString(directory.resolve("zoo.cfg.bak")));
    }

    @Test
    void versionComesFromTheNameOfTheFile() throws Exception {
        String lines = "server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n";
        for (String name : new String[] {"zoo.cfg.dynamic.1f", "members"}) {
            Path file = Files.writeString(directory.resolve(name), lines);
            Files.writeString(
                    zooCfg, "dataDir=" + directory + "\n" + STATIC + "dynamicConfigFile=" + file);

            long version = started().members().version();

            assertEquals(name.endsWith("1f") ? 0x1f : 0, version);
        }
    }

    @Test
    void whatWasSeenAndIsNotActiveIsKnownAtTheNextStart() throws Exception {
        Path file = directory.resolve("zoo.cfg.dynamic.3");
        Files.writeString(file, THREE);
        Files.writeString(
                zooCfg, "dataDir=" + directory + "\n" + STATIC + "dynamicConfigFile=" + file);
        Memberships memberships = new Memberships(started());
        assertNull(memberships.seenBefore());

        memberships.onSeen(next(memberships, 9));

        Membership seen = Objects.requireNonNull(new Memberships(started()).seenBefore());
        assertEquals(9, seen.version());
        assertEquals(Set.of(1L), seen.observers());

        memberships.onSeen(null);
        assertFalse(Files.exists(directory.resolve("zoo.cfg.dynamic.next")));
    }

    @Test
    void oneThatIsActiveIsNotSeenAnyMore() throws Exception {
        Memberships memberships = new Memberships(started());
        memberships.onSeen(next(memberships, 9));
        memberships.onActive(next(memberships, 9));

        assertFalse(Files.exists(directory.resolve("zoo.cfg.dynamic.next")));
        assertEquals(9, memberships.active().version());
    }

    @Test
    void nonsenseIsNoConfiguration() throws Exception {
        Memberships memberships = new Memberships(started());

        assertNull(memberships.read(""));
        assertNull(memberships.read("server.1=x"));
        assertNull(memberships.read("server.1=a:1:2:observer\nversion=1"));
        assertNull(memberships.read("server.1=a:1:2\nversion=xyz"));
    }
}

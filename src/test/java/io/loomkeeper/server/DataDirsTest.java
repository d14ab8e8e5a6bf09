package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirsTest {
    @TempDir private Path folder;

    private Config.Storage storage() throws IOException, ConfigException {
        return LiveServer.config(folder.resolve("data"), "dataLogDir=" + folder.resolve("log"))
                .storage();
    }

    private static String permissions(Path directory) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory));
    }

    @Test
    void whatIsMadeIsItsOwnersAlone() throws IOException, ConfigException {
        DataDirs.create(storage());

        assertEquals("rwx------", permissions(DataDirs.epochs(storage())));
        assertEquals("rwx------", permissions(folder.resolve("log/loomkeeper")));
    }

    @Test
    void whatIsThereStaysAsItIs() throws IOException, ConfigException {
        Path ours = Files.createDirectories(DataDirs.epochs(storage()));
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwxr-x---"));

        DataDirs.create(storage());

        assertEquals("rwxr-x---", permissions(ours));
    }

    /** Rule S14. */
    @Test
    void oneServerAtATimeWritesADirectory() throws Exception {
        Config config = LiveServer.config(folder);
        Server first = Server.start(config, Map.of(), (_, _) -> {});
        try (AutoCloseable _ = first::stop) {
            assertThrows(
                    IOException.class, () -> Server.start(config, Map.of(), (_, _) -> {}).stop());
        }
    }
}

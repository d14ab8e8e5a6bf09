package io.loomkeeper.cli;

import io.loomkeeper.log.Directories;
import io.loomkeeper.log.Inspection;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The two directories of a server's configuration.
 *
 * @param dataLogDir the same as {@code dataDir} unless it was given
 */
record Home(Path dataDir, Path dataLogDir) {
    static Home of(Path dataDir, @Nullable Path dataLogDir) {
        return new Home(dataDir, dataLogDir == null ? dataDir : dataLogDir);
    }

    /**
     * A data directory, or those that a zoo.cfg names.
     *
     * @throws IOException when it is neither
     */
    static Home of(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return new Home(path, path);
        }
        Properties zooCfg = new Properties();
        try (Reader text = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            zooCfg.load(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(path + " is neither a directory, nor a snapshot, nor a zoo.cfg");
        }
        String dataDir = zooCfg.getProperty("dataDir");
        if (dataDir == null) {
            throw new IOException(
                    path + " is neither a directory, nor a snapshot, nor a zoo.cfg with a dataDir");
        }
        String dataLogDir = zooCfg.getProperty("dataLogDir", dataDir);
        return new Home(Path.of(dataDir.strip()), Path.of(dataLogDir.strip()));
    }

    Directories directories() {
        return new Directories(dataDir, dataLogDir);
    }

    /** Whether a server of ours has been there. */
    boolean isOurs() {
        return new Inspection(directories()).isThere();
    }

    boolean isOneDirectory() {
        return dataDir.toAbsolutePath().normalize().equals(dataLogDir.toAbsolutePath().normalize());
    }
}

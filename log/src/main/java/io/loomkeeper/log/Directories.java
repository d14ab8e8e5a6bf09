package io.loomkeeper.log;

import java.nio.file.Path;

/**
 * Where under a server's two configured directories its files lie (docs/formats.md): beside
 * Apache's {@code version-2}, never in it.
 *
 * @param dataDir of snapshots and epochs
 * @param dataLogDir of the log; may be the same
 */
public record Directories(Path dataDir, Path dataLogDir) {
    private static final String OURS = "loomkeeper";

    /** What holds all that is ours under the first. */
    public Path home() {
        return dataDir.resolve(OURS);
    }

    /** What holds all that is ours under the second. */
    public Path logHome() {
        return dataLogDir.resolve(OURS);
    }

    public Path snapshots() {
        return home().resolve("snapshots");
    }

    public Path log() {
        return logHome().resolve("log");
    }

    /** What a server's session passwords are derived from, where it was not given another file. */
    public Path sessionSecret() {
        return home().resolve("session.secret");
    }

    /** Where the file of the epochs lies. */
    public Path epochs() {
        return home();
    }
}

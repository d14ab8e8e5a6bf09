package io.loomkeeper.cli;

import io.loomkeeper.log.DataDirLock;
import io.loomkeeper.log.Directories;
import io.loomkeeper.log.LogOptions;
import io.loomkeeper.log.Retention;
import io.loomkeeper.log.SnapshotStore;
import io.loomkeeper.log.TxnLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code purge}: old snapshots go, and the log that only they need. */
@Command(
        name = "purge",
        description = {
            "Deletes all but the newest snapshots of a server that has stopped, and the log that only"
                    + " they need. A running server does that by itself, behind each snapshot"
                    + " (autopurge), and is left alone."
        })
final class PurgeCommand implements Callable<Integer> {
    private static final int KEEP_MIN = 3;

    @Mixin private Speech speech;

    @Spec private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "DATADIR",
            description = "The server's dataDir, or the zoo.cfg that names it.")
    private Path dataDir;

    @Option(names = "--data-log-dir", description = "The server's dataLogDir, if it is another.")
    private @Nullable Path dataLogDir;

    @Option(
            names = "-n",
            defaultValue = "3",
            description = "How many snapshots stay, at least 3 (default: ${DEFAULT-VALUE}).")
    private int keep;

    @Override
    public Integer call() throws IOException {
        if (keep < KEEP_MIN) {
            throw new ParameterException(
                    command.commandLine(), "-n " + keep + ": at least " + KEEP_MIN + " stay");
        }
        Home home = Home.of(dataDir);
        Directories there =
                (dataLogDir == null ? home : Home.of(home.dataDir(), dataLogDir)).directories();
        if (!new OwnFiles(there).files().isThere()) {
            throw new IOException(dataDir + " holds no data of Loomkeeper's");
        }
        try (DataDirLock lock = DataDirLock.acquire(there.snapshots());
                TxnLog log = TxnLog.open(there.log(), LogOptions.defaults())) {
            assert lock != null;
            int deleted = new Retention(SnapshotStore.open(there.snapshots()), log, keep).purge();
            speech.say(Map.of("deleted", deleted), out -> out.println(deleted + " files deleted"));
        }
        return 0;
    }
}

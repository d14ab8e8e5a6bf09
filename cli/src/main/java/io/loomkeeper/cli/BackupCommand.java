package io.loomkeeper.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code backup}: what a server has on disk, and a backup has not, goes into the backup. */
@Command(
        name = "backup",
        description = {
            "Brings a backup up to what a server has on disk, while it runs or not. The first one"
                    + " copies the newest snapshot and the log after it, later ones only what is new.",
            "The backup can be verified, looked at with ls, dump and diff, and restored at every"
                    + " zxid and time since its beginning. Interrupted, it holds what it held."
        })
final class BackupCommand implements Callable<Integer> {
    @Mixin private Speech speech;

    @Parameters(
            index = "0",
            paramLabel = "DATADIR",
            description = "The server's dataDir, or the zoo.cfg that names it.")
    private Path dataDir;

    @Parameters(index = "1", paramLabel = "BACKUP", description = "A directory of backups.")
    private Path backup;

    @Override
    public Integer call() throws IOException {
        OwnFiles server = new OwnFiles(Home.of(dataDir).directories());
        BackupDirectory.Done done;
        try (Progress progress = speech.progress("bytes", 0)) {
            done = new BackupDirectory(backup).update(server, progress);
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("directory", done.directory());
        fields.put("from", Zxid.text(done.from()));
        fields.put("to", Zxid.text(done.to()));
        fields.put("transactions", done.transactions());
        fields.put("new", done.isNew());
        speech.say(
                fields,
                out ->
                        out.printf(
                                "%s: %s %s, then %d transactions up to %s%n",
                                done.directory(),
                                done.isNew() ? "begins with" : "had",
                                Zxid.text(done.from()),
                                done.transactions(),
                                Zxid.text(done.to())));
        return 0;
    }
}

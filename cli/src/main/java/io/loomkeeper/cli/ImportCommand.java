package io.loomkeeper.cli;

import io.loomkeeper.log.Inspection.Epochs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code import}: Apache's data directory becomes one of ours. */
@Command(
        name = "import",
        description = {
            "Reads the data directory of an Apache ZooKeeper server that has stopped, the newest"
                    + " snapshot and the logs after it, and makes a data directory of Loomkeeper's that"
                    + " holds the same state: zxids, sessions, sequence counters, ACLs, TTLs, epochs.",
            "Without a target it is made beside Apache's, in the same directory, under loomkeeper/;"
                    + " version-2/ is not touched."
        })
final class ImportCommand implements Callable<Integer> {
    @Mixin private Speech speech;

    @Parameters(
            index = "0",
            paramLabel = "APACHE",
            description = "Apache's dataDir, or the zoo.cfg that names it.")
    private Path apache;

    @Parameters(
            index = "1",
            paramLabel = "DATADIR",
            arity = "0..1",
            description = "Where to make it; APACHE without it.")
    private @Nullable Path target;

    @Option(names = "--apache-log-dir", description = "Apache's dataLogDir, if it is another.")
    private @Nullable Path apacheLogDir;

    @Option(names = "--data-log-dir", description = "The target's dataLogDir, if it is another.")
    private @Nullable Path dataLogDir;

    @Option(
            names = "--accept-other-digest",
            description =
                    "Import although the digests in the log are of another tree than what they lead to.")
    private boolean acceptsOtherDigest;

    @Override
    public Integer call() throws IOException {
        Home from = apacheHome();
        Home to = target == null ? ownHome(from) : Home.of(target, dataLogDir);
        NewHome made = new NewHome(to);
        made.refuseWhatIsThere();
        if (!ApacheFiles.isThere(from)) {
            throw new IOException(from.dataDir() + " holds no data of Apache ZooKeeper's");
        }
        ApacheFiles files = new ApacheFiles(from);
        State state = files.state(Source.END);
        requireSameTree(state);
        Epochs epochs = files.epochs(state.zxid());
        Files.createDirectories(to.dataDir());
        Files.createDirectories(to.dataLogDir());
        try (Progress progress = speech.progress("writing", state.version().dataBytes())) {
            made.write(state.version(), epochs, progress);
        }
        copyMyid(from.dataDir(), to.dataDir());
        report(state, epochs, to);
        return 0;
    }

    private Home apacheHome() throws IOException {
        Home named = Home.of(apache);
        return apacheLogDir == null ? named : Home.of(named.dataDir(), apacheLogDir);
    }

    private Home ownHome(Home from) {
        return dataLogDir == null ? from : Home.of(from.dataDir(), dataLogDir);
    }

    private void requireSameTree(State state) throws IOException {
        if (state.partedZxid() >= 0 && !acceptsOtherDigest) {
            throw new IOException(
                    "the digests in the log are of another tree since transaction "
                            + Zxid.text(state.partedZxid())
                            + "; nothing was written. --accept-other-digest imports it nevertheless");
        }
    }

    /** The id belongs to the server's place in its ensemble, and goes where its state goes. */
    static void copyMyid(Path from, Path to) throws IOException {
        Path there = from.resolve("myid");
        Path wanted = to.resolve("myid");
        if (Files.exists(there) && !Files.exists(wanted)) {
            Files.copy(there, wanted);
        }
    }

    private void report(State state, Epochs epochs, Home to) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("dataDir", to.dataDir());
        fields.put("zxid", Zxid.text(state.zxid()));
        fields.put("nodes", state.version().nodeCount());
        fields.put("sessions", state.version().sessionCount());
        fields.put("epoch", epochs.current());
        fields.put("snapshot", Zxid.text(state.base()));
        fields.put("replayed", state.replayed());
        speech.say(
                fields,
                out ->
                        out.printf(
                                "%s: %d nodes and %d sessions of zxid %s (snapshot %s and %d"
                                        + " transactions), epoch %d%n",
                                to.directories().home(),
                                state.version().nodeCount(),
                                state.version().sessionCount(),
                                Zxid.text(state.zxid()),
                                Zxid.text(state.base()),
                                state.replayed(),
                                epochs.current()));
    }
}

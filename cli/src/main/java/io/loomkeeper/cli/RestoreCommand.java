package io.loomkeeper.cli;

import io.loomkeeper.log.Inspection.Epochs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code restore}: a state of a backup becomes a data directory that a server starts on. */
@Command(
        name = "restore",
        description = {
            "Makes a data directory of the state that a backup has, at its end, at a zxid, or at a"
                    + " time. The servers of an ensemble are all restored to the same zxid before any is"
                    + " started.",
            "With --into, a running server gets back one node and all below it, as a client would do"
                    + " it: what is missing is created, what is different is set."
        })
final class RestoreCommand implements Callable<Integer> {
    @Mixin private Speech speech;

    @Parameters(
            index = "0",
            paramLabel = "BACKUP",
            description = "A directory of backups, or a data directory.")
    private Path backup;

    @Parameters(
            index = "1",
            paramLabel = "DATADIR",
            arity = "0..1",
            description = "The dataDir to be; nothing of a server's is there.")
    private @Nullable Path dataDir;

    @Option(
            names = "--into",
            paramLabel = "HOST[:PORT]",
            description = "Restore into that running server, and not into a directory.")
    private @Nullable String into;

    @Option(names = "--path", description = "With --into: that node and all below it.")
    private @Nullable String path;

    @Option(names = "--delete", description = "With --into: nodes go that were not there.")
    private boolean deletes;

    @Option(names = "--dry-run", description = "With --into: only say what would be changed.")
    private boolean isDry;

    @Option(
            names = "--auth",
            paramLabel = "SCHEME:IDENTITY",
            description = "With --into: who asks, such as digest:user:password.")
    private @Nullable String auth;

    @Spec private CommandSpec command;

    @Option(names = "--data-log-dir", description = "The dataLogDir to be, if it is another.")
    private @Nullable Path dataLogDir;

    @ArgGroup private Until until = new Until();

    /** Where the restored history ends. */
    static final class Until {
        @Option(
                names = "--zxid",
                converter = Zxid.class,
                description = "The state after that zxid.")
        private long zxid = Source.END;

        @Option(
                names = "--time",
                converter = Time.class,
                description = "The state at that time, such as 2026-11-21T17:30:00Z.")
        private @Nullable Instant time;
    }

    /** An instant as ISO 8601 has it. */
    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'" + text + "' is no time: 2026-11-21T17:30:00Z");
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        if (into != null && path != null && dataDir == null) {
            restoreInto(into, path);
        } else if (dataDir != null && into == null && path == null) {
            restoreTo(dataDir);
        } else {
            throw new ParameterException(
                    command.commandLine(), "either DATADIR, or --into and --path");
        }
        return 0;
    }

    private void restoreInto(String server, String top) throws IOException {
        State state = found().state();
        long changes;
        try (ClientSession session = ClientSession.open(StatusCommand.address(server))) {
            if (auth != null) {
                String[] parts = auth.split(":", 2);
                session.authenticate(parts[0], parts.length == 2 ? parts[1] : "");
            }
            changes = new SubtreeRestore(state, session, isDry, this::report).run(top, deletes);
        }
        String done = isDry ? " changes would be made" : " changes made";
        speech.say(
                Map.of("zxid", Zxid.text(state.zxid()), "changes", changes, "dryRun", isDry),
                out ->
                        out.println(
                                changes + done + ", to the state of " + Zxid.text(state.zxid())));
    }

    private void report(String what, String at) {
        speech.say(Map.of("change", what, "path", at), out -> out.println(what + " " + at));
    }

    private void restoreTo(Path target) throws IOException {
        NewHome made = new NewHome(Home.of(target, dataLogDir));
        made.refuseWhatIsThere();
        Found found = found();
        State state = found.state();
        int epoch = Zxid.epoch(state.zxid());
        Files.createDirectories(target);
        if (dataLogDir != null) {
            Files.createDirectories(dataLogDir);
        }
        try (Progress progress = speech.progress("writing", state.version().dataBytes())) {
            made.write(state.version(), new Epochs(epoch, epoch), progress);
        }
        if (found.source() instanceof OwnFiles ours) {
            Durably.copyIfMissing(
                    ours.directories().sessionSecret(),
                    Home.of(target, dataLogDir).directories().sessionSecret());
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("dataDir", target);
        fields.put("zxid", Zxid.text(state.zxid()));
        fields.put("nodes", state.version().nodeCount());
        speech.say(
                fields,
                out ->
                        out.printf(
                                "%s: %d nodes of zxid %s%n",
                                target, state.version().nodeCount(), Zxid.text(state.zxid())));
    }

    /** A state, and the files that it is from. */
    private record Found(Source source, State state) {}

    private Found found() throws IOException {
        if (!BackupDirectory.isBackup(backup)) {
            return found(Source.at(backup));
        }
        IOException newest = null;
        for (OwnFiles each : new BackupDirectory(backup).contents()) {
            try {
                return found(each);
            } catch (IOException e) {
                newest = newest == null ? e : newest;
            }
        }
        throw newest == null ? new IOException(backup + " holds no backup") : newest;
    }

    private Found found(Source source) throws IOException {
        long zxid = until.time == null ? until.zxid : zxidAt(source, until.time);
        return new Found(source, source.state(zxid));
    }

    /** The last transaction before the first one that is later; times may go back a little. */
    private static long zxidAt(Source source, Instant time) throws IOException {
        long[] last = {-1};
        boolean[] isPast = {false};
        source.transactions(
                0,
                Source.END,
                txn -> {
                    isPast[0] |= txn.header().timeMs() > time.toEpochMilli();
                    if (!isPast[0]) {
                        last[0] = txn.header().zxid();
                    }
                });
        if (last[0] < 0 && source instanceof OwnFiles files) {
            State beginning = files.state(files.first());
            if (newestTimeMs(beginning) <= time.toEpochMilli()) {
                return beginning.zxid();
            }
        }
        if (last[0] < 0) {
            throw new IOException(source.path() + " holds nothing of that time or before");
        }
        return last[0];
    }

    /** When a state was changed last, as far as its nodes tell. */
    private static long newestTimeMs(State state) throws IOException {
        long[] newest = {0};
        new Nodes(state.version())
                .walk(
                        "/",
                        (_, node) ->
                                newest[0] =
                                        Math.max(
                                                newest[0],
                                                Math.max(node.mtimeMs(), node.stat().ctime())));
        return newest[0];
    }
}

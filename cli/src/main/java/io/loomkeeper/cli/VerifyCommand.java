package io.loomkeeper.cli;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.log.Directories;
import io.loomkeeper.log.History;
import io.loomkeeper.log.Inspection;
import io.loomkeeper.log.SegmentContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code verify}: every byte of a data directory read, and said what it holds. */
@Command(
        name = "verify",
        description = {
            "Reads every file of a data directory to its end and says what it holds: segments of the"
                    + " log, snapshots, epochs, and the state that a server would start with.",
            "Changes nothing. Beside a running server (--online) the log is read as far as it is"
                    + " known to be on disk.",
            "Exit code 0: all is well, 1: something is not."
        })
final class VerifyCommand implements Callable<Integer> {
    @Mixin private Speech speech;

    @Parameters(
            index = "0",
            paramLabel = "DATADIR",
            description = "A data directory of either kind, a zoo.cfg, or a backup.")
    private Path where;

    @Option(names = "--online", description = "A server is running on it.")
    private boolean online;

    private final List<String> problems = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (BackupDirectory.isBackup(where)) {
            for (OwnFiles backup : new BackupDirectory(where).contents().reversed()) {
                verify(backup, Home.of(backup.path(), null).directories());
            }
        } else {
            switch (Source.at(where)) {
                case OwnFiles ours -> verify(ours, Home.of(where).directories());
                case ApacheFiles apaches -> verify(apaches);
                case SnapshotFile file -> state(file);
            }
        }
        problems.forEach(problem -> finding("problem", problem, Map.of()));
        speech.say(
                Map.of("sound", problems.isEmpty(), "problems", problems.size()),
                out ->
                        out.println(
                                problems.isEmpty()
                                        ? "all is well"
                                        : problems.size() + " problems"));
        return problems.isEmpty() ? 0 : 1;
    }

    private void verify(OwnFiles ours, Directories directories) throws IOException {
        Inspection files = ours.files();
        List<Path> segments = files.segments();
        try (Progress progress = speech.progress("segments", segments.size())) {
            for (Path segment : segments) {
                check(segment, () -> segment(files.read(segment)));
                progress.advance(1);
            }
        }
        for (long zxid : files.snapshots().reversed()) {
            Path file = directories.snapshots().resolve("snapshot." + Long.toHexString(zxid));
            check(file, () -> snapshot(files, file, zxid));
        }
        check(directories.epochs(), () -> epochs(files));
        check(directories.log(), () -> history(files));
        state(ours);
    }

    private void verify(ApacheFiles apaches) throws IOException {
        for (Path file : apaches.snapshots().values()) {
            check(
                    file,
                    () ->
                            found(
                                    "snapshot",
                                    file,
                                    ApacheSnapshot.read(file).nodeCount() + " nodes"));
        }
        for (Path file : apaches.logs().values()) {
            check(
                    file,
                    () -> {
                        long[] count = {0};
                        ApacheLog end = ApacheLog.read(file, _ -> count[0]++);
                        String torn = end.isTorn() ? ", then a torn end" : "";
                        found("log", file, count[0] + " transactions" + torn);
                    });
        }
        state(apaches);
    }

    /** Reading that may find damage. */
    @FunctionalInterface
    private interface Reading {
        void run() throws IOException;
    }

    private void check(Path what, Reading reading) {
        try {
            reading.run();
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            problems.add(message.contains(what.toString()) ? message : what + ": " + message);
        }
    }

    private void segment(SegmentContent content) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", content.path());
        fields.put("bytes", content.bytes());
        fields.put("soundBytes", content.soundBytes());
        fields.put("transactions", content.transactions());
        fields.put("firstZxid", Zxid.text(content.firstZxid()));
        fields.put("lastZxid", Zxid.text(content.lastZxid()));
        fields.put("endsWith", content.endsWith());
        fields.put("restIsZero", content.restIsZero());
        String zxids =
                content.transactions() == 0
                        ? ""
                        : ", "
                                + Zxid.text(content.firstZxid())
                                + " to "
                                + Zxid.text(content.lastZxid());
        String rest = content.restIsZero() ? "" : "; then " + content.endsWith();
        finding(
                "segment",
                "%s: %d transactions%s%s"
                        .formatted(content.path(), content.transactions(), zxids, rest),
                fields);
    }

    private void snapshot(Inspection files, Path file, long zxid) throws IOException {
        files.verifySnapshot(zxid);
        try (var reader = files.snapshot(zxid)) {
            var version = OwnFiles.load(reader);
            found("snapshot", file, version.nodeCount() + " nodes, " + Files.size(file) + " bytes");
        }
    }

    private void epochs(Inspection files) throws IOException {
        Optional<Inspection.Epochs> epochs = files.epochs();
        finding(
                "epochs",
                epochs.map(e -> "accepted epoch " + e.accepted() + ", current " + e.current())
                        .orElse("no epochs: never a member of an ensemble"),
                epochs.map(e -> Map.of("accepted", e.accepted(), "current", e.current()))
                        .orElse(Map.of()));
    }

    private void history(Inspection files) throws IOException {
        Optional<History> history = online ? files.history() : files.wholeHistory();
        if (history.isPresent()) {
            History found = history.get();
            found.read(found.first(), found.last(), (_, _, _, _) -> {});
            finding(
                    "history",
                    "history after %s, up to %s"
                            .formatted(Zxid.text(found.first()), Zxid.text(found.last())),
                    Map.of("after", Zxid.text(found.first()), "upTo", Zxid.text(found.last())));
        } else if (!files.snapshots().isEmpty()) {
            problems.add("there are snapshots and no log: a server would not start");
        }
    }

    private void state(Source source) {
        check(
                source.path(),
                () -> {
                    State state = source.state(Source.END);
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("zxid", Zxid.text(state.zxid()));
                    fields.put("snapshot", Zxid.text(state.base()));
                    fields.put("replayed", state.replayed());
                    fields.put("nodes", state.version().nodeCount());
                    fields.put("sessions", state.version().sessionCount());
                    fields.put("digest", Long.toUnsignedString(state.version().digest()));
                    finding(
                            "state",
                            "state of %s: snapshot %s and %d transactions; %d nodes, %d sessions"
                                    .formatted(
                                            Zxid.text(state.zxid()),
                                            Zxid.text(state.base()),
                                            state.replayed(),
                                            state.version().nodeCount(),
                                            state.version().sessionCount()),
                            fields);
                    if (state.partedZxid() >= 0) {
                        throw new CorruptLogException(
                                source.path(),
                                0,
                                "transaction "
                                        + Zxid.text(state.partedZxid())
                                        + " leads to another tree than when it was logged");
                    }
                });
    }

    private void found(String kind, Path file, String what) {
        finding(kind, file + ": " + what, Map.of("file", file.toString(), "found", what));
    }

    private void finding(String kind, String text, Map<String, ?> fields) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("kind", kind);
        all.put("text", text);
        all.putAll(fields);
        speech.say(all, out -> out.println(kind.equals("problem") ? "PROBLEM  " + text : text));
    }
}

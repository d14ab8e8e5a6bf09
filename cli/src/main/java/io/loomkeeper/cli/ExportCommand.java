package io.loomkeeper.cli;

import io.loomkeeper.log.Inspection.Epochs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code export}: a state of ours becomes a data directory that Apache's servers start on. */
@Command(
        name = "export",
        description = {
            "Writes a state as a data directory of Apache ZooKeeper's: one snapshot, the epochs, and"
                    + " myid if there is one. Servers from 3.5 on start on it.",
            "The source may be a running server's data directory: what it has on disk is exported."
        })
final class ExportCommand implements Callable<Integer> {
    private static final String TEMPORARY = "version-2.new";

    @Mixin private Speech speech;

    @Parameters(index = "0", paramLabel = "SOURCE", description = Main.SOURCE)
    private Path source;

    @Parameters(
            index = "1",
            paramLabel = "APACHE",
            description = "Apache's dataDir to be; its version-2/ must be missing or empty.")
    private Path target;

    @Option(names = "--zxid", converter = Zxid.class, description = "The state after that zxid.")
    private long zxid = Source.END;

    @Option(
            names = "--gzip",
            description =
                    "Compress the snapshot: servers from 3.6 on read it, those of 3.5 do not.")
    private boolean isGzip;

    @Override
    public Integer call() throws IOException {
        Source files = Source.at(source);
        State state = files.state(zxid);
        Epochs epochs = epochs(files, state.zxid());
        Files.createDirectories(target);
        Path version2 = target.resolve(ApacheFiles.VERSION_2);
        requireEmpty(version2);
        Path made = target.resolve(TEMPORARY);
        Durably.deleteLeftover(made);
        Files.createDirectory(made);
        writeSnapshot(state, made.resolve(ApacheSnapshot.name(state.zxid())));
        Durably.write(made.resolve("acceptedEpoch"), Integer.toString(epochs.accepted()));
        Durably.write(made.resolve("currentEpoch"), Integer.toString(epochs.current()));
        Files.deleteIfExists(version2);
        Durably.rename(made, version2);
        if (!(files instanceof SnapshotFile)) {
            ImportCommand.copyMyid(Home.of(source).dataDir(), target);
        }
        report(state, epochs, version2);
        return 0;
    }

    private void writeSnapshot(State state, Path plain) throws IOException {
        Path file =
                isGzip ? plain.resolveSibling(plain.getFileName() + ApacheSnapshot.GZIP) : plain;
        try (Progress progress = speech.progress("writing", state.version().dataBytes())) {
            Durably.write(
                    file,
                    out -> {
                        GZIPOutputStream packed = isGzip ? new GZIPOutputStream(out) : null;
                        ApacheSnapshot.write(
                                state.version(), packed == null ? out : packed, progress);
                        if (packed != null) {
                            packed.finish();
                        }
                    });
        }
    }

    private static void requireEmpty(Path version2) throws IOException {
        if (Files.isDirectory(version2)) {
            try (Stream<Path> there = Files.list(version2)) {
                if (there.findAny().isPresent()) {
                    throw new IOException(
                            version2 + " is not empty: move it away, nothing is written over");
                }
            }
        }
    }

    /** Never below the state's: Apache's server would refuse it (protocol 13.4). */
    private static Epochs epochs(Source files, long zxid) throws IOException {
        int epoch = Zxid.epoch(zxid);
        Epochs found =
                files instanceof OwnFiles ours
                        ? ours.files().epochs().orElse(new Epochs(epoch, epoch))
                        : new Epochs(epoch, epoch);
        int current = Math.max(found.current(), epoch);
        return new Epochs(Math.max(found.accepted(), current), current);
    }

    private void report(State state, Epochs epochs, Path version2) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("directory", version2);
        fields.put("zxid", Zxid.text(state.zxid()));
        fields.put("nodes", state.version().nodeCount());
        fields.put("sessions", state.version().sessionCount());
        fields.put("epoch", epochs.current());
        speech.say(
                fields,
                out ->
                        out.printf(
                                "%s: %d nodes and %d sessions of zxid %s, epoch %d%n",
                                version2,
                                state.version().nodeCount(),
                                state.version().sessionCount(),
                                Zxid.text(state.zxid()),
                                epochs.current()));
    }
}

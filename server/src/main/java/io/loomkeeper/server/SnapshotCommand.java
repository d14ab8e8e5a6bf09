package io.loomkeeper.server;

import io.loomkeeper.admin.Command;
import io.loomkeeper.admin.Command.Method;
import io.loomkeeper.admin.Command.Reply;
import io.loomkeeper.admin.Fields;
import io.loomkeeper.server.Snapshotter.Taken;
import io.loomkeeper.tree.ImageSink;
import io.loomkeeper.tree.SealedImage;
import io.loomkeeper.tree.TreeVersion;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin server's command that gives a whole state away, with Apache's names, statuses and
 * headers. What is streamed is the state of one zxid in Apache's format, straight from memory; what
 * is not is a snapshot of ours, on this server's disk.
 */
final class SnapshotCommand {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotCommand.class);
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;

    private final AdminConfig.Snapshots config;
    private final PublishedState published;
    private final Asking asking;
    private final ServerMetrics metrics;
    private final Turns turns;

    /** Has a snapshot of what is published written to the disk. */
    interface Asking {
        /** False when it cannot be asked for now. */
        boolean ask(Promise<Taken> answer);
    }

    SnapshotCommand(
            AdminConfig.Snapshots config,
            PublishedState published,
            Asking asking,
            ServerMetrics metrics) {
        this.config = config;
        this.published = published;
        this.asking = asking;
        this.metrics = metrics;
        this.turns = new Turns(config.intervalMs());
    }

    Command command() {
        return Command.guarded(List.of("snapshot", "snap"), Method.GET, this::snapshot);
    }

    private Reply snapshot(Map<String, String> arguments) {
        if (!config.areEnabled()) {
            return Reply.refused(UNAVAILABLE, "admin.snapshot.enabled is false");
        }
        if (!turns.take()) {
            return turns.refusal(
                    "Snapshot",
                    () -> metrics.increment(ServerMetrics.Counter.SNAPSHOT_RATE_LIMITED_COUNT));
        }
        boolean streams = Boolean.parseBoolean(arguments.getOrDefault("streaming", "true"));
        return streams ? streamed() : written();
    }

    private Reply streamed() {
        Stream stream = null;
        try {
            stream = new Stream(published.version());
            return described(stream.image.version().zxid(), stream.bytes()).with(stream);
        } finally {
            if (stream == null) {
                turns.giveBack();
            }
        }
    }

    private static Reply described(long zxid, long bytes) {
        return Reply.of(new Fields())
                .with("last_zxid", "0x" + Long.toHexString(zxid))
                .with("snapshot_size", Long.toString(bytes));
    }

    private Reply written() {
        try {
            Promise<Taken> answer = new Promise<>();
            if (!asking.ask(answer)) {
                return failed("the request ring is full");
            }
            Taken taken = answer.awaited();
            return described(taken.zxid(), taken.bytes());
        } catch (IOException e) {
            return failed(String.valueOf(e.getMessage()));
        } finally {
            turns.giveBack();
        }
    }

    private Reply failed(String why) {
        metrics.increment(ServerMetrics.Counter.SNAPSHOT_ERROR_COUNT);
        LOG.warn("a snapshot that was asked for was not taken: {}", why);
        return Reply.refused(INTERNAL_ERROR, why);
    }

    /**
     * The bytes of one version. To make them is work for a processor, on the virtual thread of a
     * request: after each piece others may go first.
     */
    private final class Stream implements Command.Bulk {
        private final SealedImage image;
        private final long bytes;

        Stream(TreeVersion version) {
            image = new SealedImage(version);
            bytes = image.bytes((_, _, _) -> Turns.letOthersGoFirst());
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            try {
                image.write(sinkTo(out));
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        @Override
        public void close() {
            turns.giveBack();
        }

        private static ImageSink sinkTo(OutputStream out) {
            return (source, offset, length) -> {
                byte[] piece = new byte[length];
                source.getBytes(offset, piece);
                try {
                    out.write(piece);
                    Turns.letOthersGoFirst();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
        }
    }
}

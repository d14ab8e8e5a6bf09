package io.loomkeeper.server;

import io.loomkeeper.admin.Command;
import io.loomkeeper.admin.Command.Method;
import io.loomkeeper.admin.Command.Reply;
import io.loomkeeper.admin.Fields;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.ImageSource;
import io.loomkeeper.tree.SealedImage;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.zab.Zxid;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin server's command that puts a posted state in the place of this server's, with Apache's
 * names, statuses and fields. Only a server that stands alone does it: among several a state has to
 * be agreed on, and Apache's agreement has no transaction for a whole one.
 */
final class RestoreCommand {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreCommand.class);
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;
    private static final long NS_PER_MS = 1_000_000;
    private static final int PIECE_BYTES = 1 << 16;

    /** Beyond this the zxids that follow could run out. */
    private static final int COUNTER_MAX = 0x7fff_ffff;

    private final String refusal;
    private final TreeOptions options;
    private final Turns turns;
    private final Target target;
    private final ServerMetrics metrics;

    /** The server that a state is for. */
    interface Target {
        /** How many bytes of one it can take in, at most. */
        long roomBytes() throws IOException;

        /** Has the pipeline take it; false when it cannot be asked to now. */
        boolean take(Replacement replacement);
    }

    /**
     * @param refusal why this server takes no state, whatever is posted; empty when it does
     * @param options of the tree
     */
    RestoreCommand(
            String refusal,
            TreeOptions options,
            Turns turns,
            Target target,
            ServerMetrics metrics) {
        this.refusal = refusal;
        this.options = options;
        this.turns = turns;
        this.target = target;
        this.metrics = metrics;
    }

    Command command() {
        return new Command(
                List.of("restore", "rest"),
                Command.Needs.CREDENTIALS,
                Method.POST,
                (_, content) -> restore(content));
    }

    private Reply restore(InputStream content) {
        if (!refusal.isEmpty()) {
            return Reply.refused(UNAVAILABLE, refusal);
        }
        if (!turns.take()) {
            return turns.refusal(
                    "Restore",
                    () -> metrics.increment(ServerMetrics.Counter.RESTORE_RATE_LIMITED_COUNT));
        }
        long beganNs = System.nanoTime();
        try {
            long zxid = restored(content);
            long tookMs = (System.nanoTime() - beganNs) / NS_PER_MS;
            metrics.summary(ServerMetrics.Summary.RESTORE_TIME).record(tookMs);
            LOG.info("restored a state over HTTP as 0x{}", Long.toHexString(zxid));
            return Reply.of(new Fields().put("last_zxid", zxid));
        } catch (UncheckedIOException e) {
            return failed(String.valueOf(e.getCause()));
        } catch (ImageException | IOException e) {
            return failed(String.valueOf(e.getMessage()));
        } finally {
            turns.giveBack();
        }
    }

    private Reply failed(String why) {
        metrics.increment(ServerMetrics.Counter.RESTORE_ERROR_COUNT);
        LOG.warn("a posted state was not restored: {}", why);
        return Reply.refused(INTERNAL_ERROR, why);
    }

    private long restored(InputStream content) throws ImageException, IOException {
        SealedImage.Found found =
                SealedImage.read(sourceOf(content, target.roomBytes()), 0, options);
        if (found.zxid().isEmpty()) {
            throw new IOException("the snapshot does not say its zxid: it is older than 3.9");
        }
        long zxid = found.zxid().getAsLong();
        if (zxid < 0 || Integer.compareUnsigned(Zxid.counter(zxid), COUNTER_MAX) > 0) {
            throw new IOException("no server goes on behind zxid 0x" + Long.toHexString(zxid));
        }
        TreeVersion version = DataTree.recounted(found.version());
        if (!version.exists("/zookeeper/config") || !version.exists("/zookeeper/quota")) {
            throw new IOException("the nodes below /zookeeper are missing");
        }
        Promise<Long> done = new Promise<>();
        if (!target.take(new Replacement(version, zxid, orphans(version), done::keep))) {
            throw new IOException("the request ring is full");
        }
        long restored = done.awaited();
        if (restored < 0) {
            throw new IOException("another state is on its way in");
        }
        return restored;
    }

    /**
     * Ephemerals whose session is not there, as a snapshot has them that Apache's server took while
     * it went on. Nobody would ever remove them.
     */
    private static List<String> orphans(TreeVersion version) {
        List<String> paths = new ArrayList<>();
        version.forEachEphemeralOwner(
                (sessionId, _) -> {
                    if (!version.hasSession(sessionId)) {
                        paths.addAll(version.ephemeralsOf(sessionId));
                    }
                });
        return paths;
    }

    private static ImageSource sourceOf(InputStream content, long roomBytes) {
        byte[] piece = new byte[PIECE_BYTES];
        long[] left = {roomBytes};
        return (target, offset, length) -> {
            try {
                int n = content.read(piece, 0, Math.min(length, piece.length));
                left[0] -= n;
                if (left[0] < 0) {
                    throw new IOException(
                            "in memory and on disk there is room for a state of "
                                    + roomBytes
                                    + " bytes");
                }
                target.putBytes(offset, piece, 0, Math.max(0, n));
                Turns.letOthersGoFirst();
                return n;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}

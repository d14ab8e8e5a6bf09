package io.loomkeeper.log;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The choice of what to recover from: the newest sound snapshot, and the log after it. A damaged
 * snapshot is passed over only if an older one, or the beginning, and the log give the same state.
 * Where a crash interrupted the installation of a received snapshot, that is finished or undone.
 */
public final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private Recovery() {}

    /**
     * The snapshot to load; then the log is replayed after its zxid. At the start, or of the
     * running log after a truncation (rule T7).
     *
     * @return empty when there is no sound snapshot and the log holds everything from the beginning
     * @throws CorruptLogException when nothing gives the exact state; names the newest damage
     */
    public static Optional<SnapshotReader> snapshot(SnapshotStore snapshots, TxnLog log)
            throws IOException {
        if (!log.isStarted()) {
            snapshots.settleReceived(log.origin());
        }
        CorruptLogException damage = null;
        for (long zxid : snapshots.zxids()) {
            CorruptLogException found = damageOf(snapshots, zxid);
            if (found == null) {
                checkGoesOn(log, zxid, damage);
                warnOf(damage);
                return Optional.of(snapshots.read(zxid));
            }
            damage = damage == null ? found : damage;
        }
        checkGoesOn(log, 0, damage);
        warnOf(damage);
        return Optional.empty();
    }

    private static void warnOf(@Nullable CorruptLogException damage) {
        if (damage != null) {
            LOG.warn(
                    "a damaged snapshot is passed over, the log makes up for it: {}",
                    damage.getMessage());
        }
    }

    private static @Nullable CorruptLogException damageOf(SnapshotStore snapshots, long zxid)
            throws IOException {
        try {
            snapshots.verify(zxid);
            return null;
        } catch (CorruptLogException e) {
            return e;
        }
    }

    private static void checkGoesOn(TxnLog log, long zxid, @Nullable CorruptLogException damage)
            throws IOException {
        try {
            log.checkHolds(zxid);
        } catch (CorruptLogException gap) {
            if (damage != null) {
                damage.addSuppressed(gap);
                throw damage;
            }
            throw gap;
        }
    }
}

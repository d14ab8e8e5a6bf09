package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.tree.Applied;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeVersion;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is proposed and not yet committed, in zxid order, with what waits behind it.
 *
 * <p>Versions are sealed at some zxids only, and only a sealed version can be published; so the
 * queue is released up to the newest sealed version that is committed, and the rest waits for the
 * next one.
 */
final class PendingQueue {
    /** One thing to do when {@code zxid} is committed. */
    sealed interface Pending {
        long zxid();
    }

    /**
     * A proposed write.
     *
     * @param from null when no client waits for it
     * @param handedNs when the journal got it, by the meter's clock
     * @param audited what was asked for, for the audit log; null without one
     */
    record Write(
            Applied applied,
            @Nullable Client from,
            Asked asked,
            long handedNs,
            Request.@Nullable Write audited)
            implements Pending {
        @Override
        public long zxid() {
            return applied.header().zxid();
        }
    }

    /**
     * A request of a client that had writes under way: answered from {@code version}, the state
     * right behind them, so that it sees the client's earlier writes and none of its later ones.
     */
    record Behind(TreeVersion version, Client from, Asked asked, Request request)
            implements Pending {
        @Override
        public long zxid() {
            return version.zxid();
        }
    }

    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final ArrayDeque<TreeVersion> sealed = new ArrayDeque<>();

    void add(Pending entry) {
        assert pending.isEmpty() || pending.getLast().zxid() <= entry.zxid();
        pending.add(entry);
    }

    void addSealed(TreeVersion version) {
        assert sealed.isEmpty() || sealed.getLast().zxid() < version.zxid();
        sealed.add(version);
    }

    boolean isEmpty() {
        return pending.isEmpty() && sealed.isEmpty();
    }

    int size() {
        return pending.size();
    }

    /** Visits the writes with zxid at most {@code zxid}, and leaves them here. */
    void forEachWriteUpTo(long zxid, Consumer<Applied> visitor) {
        for (Pending next : pending) {
            if (next.zxid() > zxid) {
                return;
            }
            if (next instanceof Write(Applied applied, _, _, _, _)) {
                visitor.accept(applied);
            }
        }
    }

    /** Forgets all: nobody is served, and what was not committed never was. */
    void clear() {
        pending.clear();
        sealed.clear();
    }

    /**
     * The newest sealed version with zxid at most {@code committed}; null when there is none yet.
     */
    @Nullable TreeVersion takePublishable(long committed) {
        TreeVersion newest = null;
        for (TreeVersion next = sealed.peek();
                next != null && next.zxid() <= committed;
                next = sealed.peek()) {
            newest = sealed.remove();
        }
        return newest;
    }

    /** The next entry with zxid at most {@code zxid}, taken out; null when there is none. */
    @Nullable Pending takeUpTo(long zxid) {
        Pending next = pending.peek();
        return next == null || next.zxid() > zxid ? null : pending.remove();
    }
}

package io.loomkeeper.tree;

import io.loomkeeper.tree.Watch.Watcher;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who watches which path in one table: found by path, and by path and connection, without making a
 * string or a box (protocol 11.2).
 *
 * <p>Clients choose the paths, so the hash starts from a secret: nobody can make paths collide.
 */
final class WatchTable {
    /** Each part grows alone, so that no growth holds up the writer for long. */
    private static final int PARTS = 64;

    private static final int PART_SHIFT = Integer.SIZE - Integer.numberOfTrailingZeros(PARTS);

    /** The first watch of each path, by the path. */
    private final WatchSlots[] heads = parts();

    /** Every watch, by path and connection. */
    private final WatchSlots[] pairs = parts();

    private final boolean ofData;
    private final long seed;
    private int paths;
    private int count;
    private int recursive;

    WatchTable(boolean ofData, long seed) {
        this.ofData = ofData;
        this.seed = seed;
    }

    private static WatchSlots[] parts() {
        WatchSlots[] parts = new WatchSlots[PARTS];
        Arrays.setAll(parts, _ -> new WatchSlots());
        return parts;
    }

    private WatchSlots headsOf(long pathHash) {
        return heads[(int) pathHash >>> PART_SHIFT];
    }

    private WatchSlots pairsOf(int pairHash) {
        return pairs[pairHash >>> PART_SHIFT];
    }

    /** Pairs of path and connection, whatever their modes. */
    int count() {
        return count;
    }

    /** Watched paths. */
    int paths() {
        return paths;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean hasRecursive() {
        return recursive > 0;
    }

    /** What the hash of a path's prefixes starts from. */
    long hashStart() {
        return seed;
    }

    /** The hash of a prefix and one more character. */
    static long hashNext(long hash, char c) {
        long product = (hash ^ c) * 0x9e3779b97f4a7c15L;
        return product ^ (product >>> 32);
    }

    /** The hash of a path's first {@code length} characters. */
    long hash(String path, int length) {
        long hash = seed;
        for (int i = 0; i < length; i++) {
            hash = hashNext(hash, path.charAt(i));
        }
        return hash;
    }

    long hash(String path) {
        return hash(path, path.length());
    }

    private static int pairHash(long pathHash, Watcher watcher) {
        long product = (pathHash ^ watcher.id) * 0xbf58476d1ce4e5b9L;
        return (int) (product ^ (product >>> 32));
    }

    /**
     * The first watch on a path, or null. The path is the first {@code length} characters of {@code
     * path}.
     *
     * @param pathHash of those characters
     */
    @Nullable Watch first(String path, int length, long pathHash) {
        WatchSlots slots = headsOf(pathHash);
        int hash = (int) pathHash;
        int index = slots.home(hash);
        for (Watch head = slots.at(index); head != null; head = slots.at(index)) {
            if (slots.hashMatches(index, hash)
                    && head.path.length() == length
                    && path.startsWith(head.path)) {
                return head;
            }
            index = slots.after(index);
        }
        return null;
    }

    /** The connection's watch on this path, or null. */
    @Nullable Watch find(String path, Watcher watcher, long pathHash) {
        int hash = pairHash(pathHash, watcher);
        WatchSlots slots = pairsOf(hash);
        int index = slots.home(hash);
        for (Watch watch = slots.at(index); watch != null; watch = slots.at(index)) {
            if (slots.hashMatches(index, hash)
                    && watch.watcher == watcher
                    && watch.path.equals(path)) {
                return watch;
            }
            index = slots.after(index);
        }
        return null;
    }

    /**
     * Adds modes to the connection's watch on this path.
     *
     * @return the watch if it is new, else null
     */
    @Nullable Watch add(String path, Watcher watcher, int modes) {
        long pathHash = hash(path);
        Watch watch = find(path, watcher, pathHash);
        if (watch != null) {
            become(watch, watch.modes | modes, pathHash);
            return null;
        }
        Watch head = first(path, path.length(), pathHash);
        watch = new Watch(head == null ? path : head.path, watcher, ofData);
        int pairHash = pairHash(pathHash, watcher);
        pairsOf(pairHash).add(watch, pairHash);
        count++;
        if (head == null) {
            headsOf(pathHash).add(watch, (int) pathHash);
            paths++;
        } else {
            linkBefore(head, watch);
        }
        become(watch, modes, pathHash);
        return watch;
    }

    /** Changes the modes of a watch that stays. */
    void become(Watch watch, int modes, long pathHash) {
        boolean was = watch.has(Watch.RECURSIVE);
        watch.modes = (byte) modes;
        boolean is = watch.has(Watch.RECURSIVE);
        if (was != is) {
            recursive += is ? 1 : -1;
            move(watch, is, pathHash);
        }
    }

    /** Recursive watches stand at the head of their path's ring, so that ancestors stop early. */
    private void move(Watch watch, boolean toHead, long pathHash) {
        Watch head = first(watch.path, watch.path.length(), pathHash);
        if (head == null) {
            throw new AssertionError("a watch without a ring: " + watch.path);
        }
        if (watch == head) {
            // the second leads now, and what was first stands last: the ring itself is the same
            if (!toHead) {
                lead(watch, watch.nextOfPath, pathHash);
            }
            return;
        }
        unlink(watch);
        linkBefore(head, watch);
        if (toHead) {
            lead(head, watch, pathHash);
        }
    }

    private void lead(Watch old, Watch watch, long pathHash) {
        headsOf(pathHash).replace(old, watch, (int) pathHash);
    }

    /** Takes a watch out for good. */
    void remove(Watch watch, long pathHash) {
        if (watch.has(Watch.RECURSIVE)) {
            recursive--;
        }
        int pairHash = pairHash(pathHash, watch.watcher);
        pairsOf(pairHash).remove(watch, pairHash);
        count--;
        if (watch.nextOfPath == watch) {
            headsOf(pathHash).remove(watch, (int) pathHash);
            paths--;
        } else if (watch == first(watch.path, watch.path.length(), pathHash)) {
            lead(watch, watch.nextOfPath, pathHash);
        }
        unlink(watch);
    }

    private static void linkBefore(Watch next, Watch watch) {
        Watch previous = next.previousOfPath;
        watch.previousOfPath = previous;
        watch.nextOfPath = next;
        previous.nextOfPath = watch;
        next.previousOfPath = watch;
    }

    private static void unlink(Watch watch) {
        watch.previousOfPath.nextOfPath = watch.nextOfPath;
        watch.nextOfPath.previousOfPath = watch.previousOfPath;
        watch.nextOfPath = watch;
        watch.previousOfPath = watch;
    }

    /** Visits every watch; one path's come together. */
    void forEach(Consumer<Watch> visitor) {
        for (WatchSlots slots : heads) {
            for (int i = 0; i < slots.capacity(); i++) {
                Watch first = slots.at(i);
                for (Watch watch = first; watch != null; ) {
                    visitor.accept(watch);
                    watch = watch.nextOfPath == first ? null : watch.nextOfPath;
                }
            }
        }
    }
}

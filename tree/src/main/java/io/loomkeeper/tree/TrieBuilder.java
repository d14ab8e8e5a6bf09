package io.loomkeeper.tree;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Trie} of entries that arrive in its own order, each of its arrays once and in its
 * final length; may be used again.
 *
 * <p>An entry's level is one below the last that it shares with either neighbour, so it is placed
 * when the next one is known. Open are the nodes on the way to it; those that the next does not
 * share are closed then.
 */
final class TrieBuilder<E> {
    private static final int LEVELS = 13;
    private static final int PLACES = 1 << Trie.BITS;

    private static final Object[][] NO_SLOTS = new Object[0][];
    private static final int[] NO_BITMAPS = new int[0];

    /** By level; empty until two entries came. */
    private Object[][] slots = NO_SLOTS;

    private int[] bitmaps = NO_BITMAPS;
    private final List<Object> colliding = new ArrayList<>();
    private int depth;
    private long edit;
    private @Nullable Object pending;
    private long pendingHash;

    TrieBuilder<E> begin(long newEdit) {
        edit = newEdit;
        depth = 0;
        pending = null;
        colliding.clear();
        Arrays.fill(bitmaps, 0);
        return this;
    }

    /**
     * Adds an entry.
     *
     * @return false when it does not belong behind the last: it is smaller or the same
     */
    boolean add(long hash, E entry, Trie.Keys<? super E> keys) {
        if (pending != null) {
            int order = Long.compareUnsigned(pendingHash, hash);
            if (order > 0) {
                return false;
            }
            if (order == 0) {
                return collide(entry, keys);
            }
            placePending(Long.numberOfLeadingZeros(pendingHash ^ hash) / Trie.BITS);
        }
        pending = entry;
        pendingHash = hash;
        return true;
    }

    Trie<E> finish() {
        if (pending == null) {
            return Trie.empty();
        }
        if (isSingle()) {
            int bit = 1 << Trie.place(pendingHash, 0);
            return new Trie<>(edit, bit, new Object[] {pending});
        }
        placePending(0);
        return close(0);
    }

    /** Whether one entry arrived; many tries have no more, and need no arrays here. */
    private boolean isSingle() {
        return colliding.isEmpty() && (bitmaps.length == 0 || (depth == 0 && bitmaps[0] == 0));
    }

    @SuppressWarnings("unchecked")
    private boolean collide(E entry, Trie.Keys<? super E> keys) {
        E last = (E) (colliding.isEmpty() ? pending : colliding.getLast());
        if (last == null || keys.compare(last, entry) >= 0) {
            return false;
        }
        if (colliding.isEmpty()) {
            colliding.add(last);
        }
        colliding.add(entry);
        return true;
    }

    /** Places the pending entry, whose successor shares {@code shared} levels with it. */
    private void placePending(int shared) {
        Object slot = requireNonNull(pending);
        if (!colliding.isEmpty()) {
            slot = new Trie.Bucket(colliding.toArray());
            colliding.clear();
        }
        depth = Math.max(depth, shared);
        place(depth, slot);
        while (depth > shared) {
            Trie<E> closed = close(depth);
            depth--;
            place(depth, closed);
        }
    }

    private void place(int level, Object slot) {
        if (slots.length == 0) {
            slots = new Object[LEVELS][0];
            bitmaps = new int[LEVELS];
        }
        if (slots[level].length == 0) {
            slots[level] = new Object[PLACES];
        }
        int bit = 1 << Trie.place(pendingHash, Trie.BITS * level);
        slots[level][Integer.bitCount(bitmaps[level])] = slot;
        bitmaps[level] |= bit;
    }

    private Trie<E> close(int level) {
        int bitmap = bitmaps[level];
        bitmaps[level] = 0;
        return new Trie<>(edit, bitmap, Arrays.copyOf(slots[level], Integer.bitCount(bitmap)));
    }
}

package io.loomkeeper.tree;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A persistent set of entries ordered by a 64-bit hash: a hash array mapped trie whose nodes the
 * one writer may edit in place as long as they carry its current edit number.
 *
 * <pre>
 *   hash, highest five bits first:  | 5 | 5 | 5 | … | 4 |     at most 13 levels
 *
 *   Trie   bitmap  ..1...11..........   which of the 32 places are taken
 *          slots   [ a, b, c ]          one per set bit: an entry, a Trie one level deeper,
 *                                       or a Bucket of entries with one and the same hash
 * </pre>
 *
 * <p>The shape depends on the contents alone: a deeper node exists just where two hashes share all
 * bits so far, and a bucket is sorted. So does the order of iteration, which is that of the hashes
 * as unsigned numbers.
 *
 * <p>A node whose edit number is not the writer's is never written again: readers on other threads
 * hold it without a lock. Edit numbers start at 1 and are never reused.
 *
 * @param <E> an entry that knows its own key; never a Trie or a Bucket
 */
final class Trie<E> {
    static final int BITS = 5;

    private static final Trie<?> EMPTY = new Trie<>(0, 0, new Object[0]);

    private final long edit;
    private int bitmap;
    private Object[] slots;

    Trie(long edit, int bitmap, Object[] slots) {
        this.edit = edit;
        this.bitmap = bitmap;
        this.slots = slots;
    }

    /** How entries of one kind are told apart. */
    interface Keys<E> {
        long hash(E entry);

        /** Orders entries of equal hash; 0 means the same key. */
        int compare(E a, E b);
    }

    /** Two or more entries of one and the same hash, in the order of their keys. */
    static final class Bucket {
        final Object[] entries;

        Bucket(Object[] entries) {
            this.entries = entries;
        }
    }

    @SuppressWarnings("unchecked")
    static <E> Trie<E> empty() {
        return (Trie<E>) EMPTY;
    }

    boolean isEmpty() {
        return bitmap == 0;
    }

    Object[] slots() {
        return slots;
    }

    /** The five bits of {@code hash} that choose a place at {@code shift}. */
    static int place(long hash, int shift) {
        return (int) ((hash << shift) >>> (Long.SIZE - BITS));
    }

    /**
     * What may have that hash: an entry, which the caller still compares with its key; a Bucket; or
     * null.
     */
    @Nullable Object at(long hash) {
        Trie<?> node = this;
        for (long rest = hash; ; rest <<= BITS) {
            int bit = 1 << (int) (rest >>> (Long.SIZE - BITS));
            if ((node.bitmap & bit) == 0) {
                return null;
            }
            Object slot = node.slots[Integer.bitCount(node.bitmap & (bit - 1))];
            if (!(slot instanceof Trie<?> deeper)) {
                return slot;
            }
            node = deeper;
        }
    }

    /** The entry with the key of {@code probe}, or null. */
    @Nullable E find(long hash, E probe, Keys<? super E> keys) {
        Object found = at(hash);
        if (found instanceof Bucket bucket) {
            int i = search(bucket, probe, keys);
            return i < 0 ? null : entry(bucket.entries[i]);
        }
        if (found == null) {
            return null;
        }
        E candidate = entry(found);
        return keys.hash(candidate) == hash && keys.compare(candidate, probe) == 0
                ? candidate
                : null;
    }

    /** With {@code entry} in it, in place of one with the same key. */
    Trie<E> put(long edit, long hash, E entry, Keys<? super E> keys) {
        return put(edit, hash, 0, entry, keys);
    }

    private Trie<E> put(long edit, long hash, int shift, E entry, Keys<? super E> keys) {
        int bit = 1 << place(hash, shift);
        if ((bitmap & bit) == 0) {
            return inserted(edit, bit, entry);
        }
        int i = Integer.bitCount(bitmap & (bit - 1));
        Object slot = slots[i];
        if (slot instanceof Trie<?>) {
            Trie<E> deeper = deeper(slot);
            Trie<E> changed = deeper.put(edit, hash, shift + BITS, entry, keys);
            return changed == deeper ? this : replaced(edit, i, changed);
        }
        long other = keys.hash(slot instanceof Bucket b ? entry(b.entries[0]) : entry(slot));
        Object merged =
                other == hash
                        ? collided(slot, entry, keys)
                        : pair(edit, shift + BITS, slot, other, entry, hash);
        return replaced(edit, i, merged);
    }

    /** Without the entry whose key is that of {@code probe}, which is there. */
    Trie<E> remove(long edit, long hash, E probe, Keys<? super E> keys) {
        Object rest = remove(edit, hash, 0, probe, keys);
        return rest == null ? empty() : deeper(rest);
    }

    /** What is left in this place: null, a lone entry or Bucket (below the root), or a Trie. */
    private @Nullable Object remove(
            long edit, long hash, int shift, E probe, Keys<? super E> keys) {
        int bit = 1 << place(hash, shift);
        assert (bitmap & bit) != 0 : "removes what is not there";
        int i = Integer.bitCount(bitmap & (bit - 1));
        Object slot = slots[i];
        Object rest =
                switch (slot) {
                    case Trie<?> t -> deeper(t).remove(edit, hash, shift + BITS, probe, keys);
                    case Bucket bucket -> thinned(bucket, probe, keys);
                    default -> null;
                };
        if (rest == slot) {
            return this;
        }
        return rest == null ? dropped(edit, shift, bit, i) : narrowed(edit, shift, i, rest);
    }

    /** Without slot {@code i}; the other of two comes up by itself, unless it is a Trie. */
    private @Nullable Object dropped(long edit, int shift, int bit, int i) {
        if (slots.length == 1) {
            return null;
        }
        if (shift > 0 && slots.length == 2 && !(slots[1 - i] instanceof Trie<?>)) {
            return slots[1 - i];
        }
        Object[] shrunk = new Object[slots.length - 1];
        System.arraycopy(slots, 0, shrunk, 0, i);
        System.arraycopy(slots, i + 1, shrunk, i, shrunk.length - i);
        return with(edit, bitmap & ~bit, shrunk);
    }

    /** With {@code rest} in slot {@code i}; alone and no Trie, it comes up by itself. */
    private Object narrowed(long edit, int shift, int i, Object rest) {
        return shift > 0 && slots.length == 1 && !(rest instanceof Trie<?>)
                ? rest
                : replaced(edit, i, rest);
    }

    private Trie<E> inserted(long edit, int bit, Object slot) {
        int i = Integer.bitCount(bitmap & (bit - 1));
        Object[] grown = new Object[slots.length + 1];
        System.arraycopy(slots, 0, grown, 0, i);
        grown[i] = slot;
        System.arraycopy(slots, i, grown, i + 1, slots.length - i);
        return with(edit, bitmap | bit, grown);
    }

    private Trie<E> with(long edit, int newBitmap, Object[] newSlots) {
        if (this.edit != edit) {
            return new Trie<>(edit, newBitmap, newSlots);
        }
        bitmap = newBitmap;
        slots = newSlots;
        return this;
    }

    private Trie<E> replaced(long edit, int i, Object slot) {
        Trie<E> mine = this.edit == edit ? this : new Trie<>(edit, bitmap, slots.clone());
        mine.slots[i] = slot;
        return mine;
    }

    private static <E> Trie<E> pair(
            long edit, int shift, Object a, long hashA, Object b, long hashB) {
        int placeA = place(hashA, shift);
        int placeB = place(hashB, shift);
        if (placeA == placeB) {
            Trie<E> deeper = pair(edit, shift + BITS, a, hashA, b, hashB);
            return new Trie<>(edit, 1 << placeA, new Object[] {deeper});
        }
        Object[] two = placeA < placeB ? new Object[] {a, b} : new Object[] {b, a};
        return new Trie<>(edit, 1 << placeA | 1 << placeB, two);
    }

    private Object collided(Object slot, E entry, Keys<? super E> keys) {
        if (!(slot instanceof Bucket bucket)) {
            E other = entry(slot);
            int order = keys.compare(other, entry);
            if (order == 0) {
                return entry;
            }
            return new Bucket(
                    order < 0 ? new Object[] {other, entry} : new Object[] {entry, other});
        }
        int i = search(bucket, entry, keys);
        if (i >= 0) {
            Object[] same = bucket.entries.clone();
            same[i] = entry;
            return new Bucket(same);
        }
        int at = -i - 1;
        Object[] grown = new Object[bucket.entries.length + 1];
        System.arraycopy(bucket.entries, 0, grown, 0, at);
        grown[at] = entry;
        System.arraycopy(bucket.entries, at, grown, at + 1, bucket.entries.length - at);
        return new Bucket(grown);
    }

    private Object thinned(Bucket bucket, E probe, Keys<? super E> keys) {
        int i = search(bucket, probe, keys);
        assert i >= 0 : "removes what is not there";
        if (bucket.entries.length == 2) {
            return bucket.entries[1 - i];
        }
        Object[] rest = Arrays.copyOf(bucket.entries, bucket.entries.length - 1);
        System.arraycopy(bucket.entries, i + 1, rest, i, rest.length - i);
        return new Bucket(rest);
    }

    /** Where {@code probe} stands in {@code bucket}, or -1 - where it would. */
    private int search(Bucket bucket, E probe, Keys<? super E> keys) {
        int low = 0;
        int high = bucket.entries.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = keys.compare(entry(bucket.entries[middle]), probe);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    @SuppressWarnings("unchecked")
    private E entry(Object slot) {
        return (E) slot;
    }

    @SuppressWarnings("unchecked")
    private Trie<E> deeper(Object slot) {
        return (Trie<E>) slot;
    }

    /** Yields the entries of one trie, one after the other; may be set upon another. */
    static final class Cursor<E> {
        private static final int LEVELS = 15;

        private final @Nullable Object[][] arrays = new Object[LEVELS][];
        private final int[] next = new int[LEVELS];
        private int depth = -1;

        Cursor<E> over(Trie<E> trie) {
            Arrays.fill(arrays, null);
            depth = 0;
            arrays[0] = trie.slots;
            next[0] = 0;
            return this;
        }

        /** The next entry, or null after the last. */
        @SuppressWarnings("unchecked")
        @Nullable E next() {
            while (depth >= 0) {
                @Nullable Object[] slots = arrays[depth];
                assert slots != null;
                if (next[depth] == slots.length) {
                    arrays[depth--] = null;
                    continue;
                }
                Object slot = slots[next[depth]++];
                Object @Nullable [] inner = null;
                if (slot instanceof Trie<?> deeper) {
                    inner = deeper.slots;
                } else if (slot instanceof Bucket bucket) {
                    inner = bucket.entries;
                } else {
                    return (E) slot;
                }
                depth++;
                arrays[depth] = inner;
                next[depth] = 0;
            }
            return null;
        }
    }
}

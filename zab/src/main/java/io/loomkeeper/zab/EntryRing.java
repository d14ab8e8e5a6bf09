package io.loomkeeper.zab;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A queue of entries with rising zxids that can be searched, and shortened at both ends. */
final class EntryRing {
    private static final int CAPACITY_MIN = 16;

    /** Length is a power of two. */
    private @Nullable Entry[] slots = new @Nullable Entry[CAPACITY_MIN];

    private int head;
    private int size;

    int size() {
        return size;
    }

    /**
     * @param index 0 for the oldest
     */
    Entry get(int index) {
        assert index >= 0 && index < size : index + " of " + size;
        return Objects.requireNonNull(slots[(head + index) & (slots.length - 1)]);
    }

    void addLast(Entry entry) {
        assert size == 0 || get(size - 1).zxid() < entry.zxid();
        if (size == slots.length) {
            grow();
        }
        slots[(head + size) & (slots.length - 1)] = entry;
        size++;
    }

    private void grow() {
        @Nullable Entry[] larger = new @Nullable Entry[slots.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = get(i);
        }
        slots = larger;
        head = 0;
    }

    Entry removeFirst() {
        Entry first = get(0);
        slots[head] = null;
        head = (head + 1) & (slots.length - 1);
        size--;
        return first;
    }

    Entry removeLast() {
        Entry last = get(size - 1);
        size--;
        slots[(head + size) & (slots.length - 1)] = null;
        return last;
    }

    /** How many entries are not above {@code zxid}: the index of the first one that is. */
    int countUpTo(long zxid) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).zxid() <= zxid) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

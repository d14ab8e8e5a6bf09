package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/**
 * An open-addressed table of watches: linear probing, hashes kept beside the slots so that a miss
 * and a growth touch no watch. The owner says what is equal.
 */
final class WatchSlots {
    private static final int CAPACITY_MIN = 16;

    private @Nullable Watch[] slots = new Watch[CAPACITY_MIN];
    private int[] hashes = new int[CAPACITY_MIN];
    private int count;

    int capacity() {
        return slots.length;
    }

    /** What is in slot {@code index}, or null. */
    @Nullable Watch at(int index) {
        return slots[index];
    }

    boolean hashMatches(int index, int hash) {
        return hashes[index] == hash;
    }

    /** Where a search for {@code hash} starts. */
    int home(int hash) {
        return hash & (slots.length - 1);
    }

    /** Where it goes on until an empty slot. */
    int after(int index) {
        return (index + 1) & (slots.length - 1);
    }

    void add(Watch watch, int hash) {
        if (3L * (count + 1) > 2L * slots.length) {
            resize(2 * slots.length);
        }
        place(watch, hash);
        count++;
    }

    private void place(Watch watch, int hash) {
        int index = home(hash);
        while (slots[index] != null) {
            index = after(index);
        }
        slots[index] = watch;
        hashes[index] = hash;
    }

    /** Puts {@code watch}, of the same hash, into the place of {@code old}. */
    void replace(Watch old, Watch watch, int hash) {
        slots[indexOf(old, hash)] = watch;
    }

    void remove(Watch watch, int hash) {
        int gap = indexOf(watch, hash);
        for (int i = after(gap); slots[i] != null; i = after(i)) {
            if (distance(home(hashes[i]), i) >= distance(gap, i)) {
                slots[gap] = slots[i];
                hashes[gap] = hashes[i];
                gap = i;
            }
        }
        slots[gap] = null;
        count--;
        if (slots.length > CAPACITY_MIN && 8L * count < slots.length) {
            resize(slots.length / 2);
        }
    }

    private int indexOf(Watch watch, int hash) {
        int index = home(hash);
        while (slots[index] != watch) {
            assert slots[index] != null : watch.path;
            index = after(index);
        }
        return index;
    }

    private int distance(int from, int to) {
        return (to - from) & (slots.length - 1);
    }

    private void resize(int capacity) {
        @Nullable Watch[] oldSlots = slots;
        int[] oldHashes = hashes;
        slots = new Watch[capacity];
        hashes = new int[capacity];
        for (int i = 0; i < oldSlots.length; i++) {
            Watch watch = oldSlots[i];
            if (watch != null) {
                place(watch, oldHashes[i]);
            }
        }
    }
}

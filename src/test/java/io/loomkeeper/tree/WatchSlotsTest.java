package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Facts about {@link WatchSlots}: an open-addressed table loses nothing and gives room back. */
final class WatchSlotsTest {

    private record Entry(Watch watch, int hash) {}

    private static @Nullable Watch find(WatchSlots slots, Watch watch, int hash) {
        int index = slots.home(hash);
        for (Watch at = slots.at(index); at != null; at = slots.at(index)) {
            if (at == watch && slots.hashMatches(index, hash)) {
                return at;
            }
            index = slots.after(index);
        }
        return null;
    }

    @Test
    void everythingAddedIsFoundUntilItIsRemovedHoweverHashesCollide() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            int hashes = 1 + random.nextInt(40);
            WatchSlots slots = new WatchSlots();
            List<Entry> held = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                if (held.isEmpty() || (random.nextInt(5) > 1 && held.size() < 100)) {
                    Entry entry = new Entry(watch(i), random.nextInt(hashes));
                    slots.add(entry.watch, entry.hash);
                    held.add(entry);
                } else {
                    Entry entry = held.remove(random.nextInt(held.size()));
                    slots.remove(entry.watch, entry.hash);
                    assertEquals(null, find(slots, entry.watch, entry.hash));
                }
                for (Entry entry : held) {
                    assertSame(entry.watch, find(slots, entry.watch, entry.hash));
                }
            }
        }
    }

    private static Watch watch(long id) {
        return new Watch("/", new Watch.Watcher(id), true);
    }

    @Test
    void replacingKeepsThePlace() {
        WatchSlots slots = new WatchSlots();
        Watch old = watch(1);
        Watch other = watch(2);
        slots.add(old, 5);
        slots.replace(old, other, 5);
        assertEquals(null, find(slots, old, 5));
        assertSame(other, find(slots, other, 5));
    }

    @Test
    void c10RoomIsGivenBack() {
        WatchSlots slots = new WatchSlots();
        int least = slots.capacity();
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            watches.add(watch(i));
            slots.add(watches.get(i), i * 31);
        }
        assertEquals(16384, slots.capacity());
        for (int i = 0; i < 10_000; i++) {
            slots.remove(watches.get(i), i * 31);
        }
        assertEquals(least, slots.capacity());
    }
}

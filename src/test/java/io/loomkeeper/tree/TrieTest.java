package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The trie against a sorted map, under hashes that collide in all the ways that hashes can. */
final class TrieTest {
    /** An entry: what stands under a key now. */
    private record Item(long key, int value) {}

    private record Hashing(String name, LongUnaryOperator hash) implements Trie.Keys<Item> {
        @Override
        public long hash(Item item) {
            return hash.applyAsLong(item.key);
        }

        @Override
        public int compare(Item a, Item b) {
            return Long.compare(a.key, b.key);
        }

        private Comparator<Item> order() {
            return ((Comparator<Item>) (a, b) -> Long.compareUnsigned(hash(a), hash(b)))
                    .thenComparing(this::compare);
        }
    }

    private static final Hashing SPREAD = new Hashing("spread", Names::spread);
    private static final Hashing ALL_EQUAL = new Hashing("all equal", _ -> 0x123456789abcdefL);

    static Stream<Hashing> hashings() {
        return Stream.of(
                SPREAD,
                ALL_EQUAL,
                new Hashing("first bits only", key -> key << 60),
                new Hashing("last bits only", key -> key & 15),
                new Hashing("all but one bit equal", key -> (key & 1) << 17));
    }

    private record Held(Trie<Item> trie, NavigableMap<Long, Item> items) {}

    @ParameterizedTest
    @MethodSource("hashings")
    void holdsWhatASortedMapHolds(Hashing hashing) {
        Random random = new Random(5);
        Trie<Item> trie = Trie.empty();
        NavigableMap<Long, Item> items = new TreeMap<>();
        List<Held> held = new ArrayList<>();
        long edit = 1;
        for (int step = 0; step < 6000; step++) {
            int keys = step / 1500 % 2 == 0 ? 300 : 20;
            Item item = new Item(random.nextInt(keys), step);
            long hash = hashing.hash(item);
            if (random.nextBoolean()) {
                trie = trie.put(edit, hash, item, hashing);
                items.put(item.key, item);
            } else if (items.remove(item.key) != null) {
                trie = trie.remove(edit, hash, item, hashing);
            } else {
                assertNull(trie.find(hash, item, hashing));
            }
            if (random.nextInt(20) == 0) {
                edit++;
                held.add(new Held(trie, new TreeMap<>(items)));
            }
        }
        held.add(new Held(trie, items));
        held.forEach(one -> assertHolds(one, hashing));
    }

    private static void assertHolds(Held held, Hashing hashing) {
        List<Item> sorted = new ArrayList<>(held.items.values());
        sorted.sort(hashing.order());
        List<Item> found = new ArrayList<>();
        Trie.Cursor<Item> cursor = new Trie.Cursor<Item>().over(held.trie);
        for (Item item = cursor.next(); item != null; item = cursor.next()) {
            found.add(item);
        }
        assertEquals(sorted, found);
        TrieBuilder<Item> builder = new TrieBuilder<Item>().begin(1_000_000);
        Trie<Item> filled = Trie.empty();
        for (Item item : sorted) {
            assertSame(item, held.trie.find(hashing.hash(item), item, hashing));
            assertTrue(builder.add(hashing.hash(item), item, hashing));
            filled = filled.put(1_000_000, hashing.hash(item), item, hashing);
        }
        assertEquals(shape(held.trie), shape(builder.finish()));
        assertEquals(shape(held.trie), shape(filled));
        assertEquals(sorted.isEmpty(), held.trie.isEmpty());
    }

    /** The whole structure in words. */
    private static String shape(Object slot) {
        StringBuilder text = new StringBuilder();
        Object[] inner =
                switch (slot) {
                    case Trie<?> trie -> trie.slots();
                    case Trie.Bucket bucket -> bucket.entries;
                    default -> new Object[0];
                };
        text.append(slot instanceof Item item ? item : slot.getClass().getSimpleName());
        for (Object each : inner) {
            text.append('[').append(shape(each)).append(']');
        }
        return text.toString();
    }

    @Test
    void builderRefusesWhatIsNotInOrder() {
        TrieBuilder<Item> builder = new TrieBuilder<Item>().begin(1);
        assertTrue(builder.add(5, new Item(5, 0), ALL_EQUAL));
        assertFalse(builder.add(4, new Item(6, 0), ALL_EQUAL));
        assertFalse(builder.add(5, new Item(5, 1), ALL_EQUAL));
        assertFalse(builder.add(5, new Item(4, 1), ALL_EQUAL));
        assertTrue(builder.add(5, new Item(6, 1), ALL_EQUAL));
        assertTrue(builder.add(-1, new Item(0, 1), ALL_EQUAL));
    }

    /** A writer that touches many entries of one edit copies what they share once. */
    @Test
    void editsInPlaceWithinOneEdit() {
        Trie<Item> trie = Trie.empty();
        for (int key = 0; key < 1000; key++) {
            trie = trie.put(1, Names.spread(key), new Item(key, 0), SPREAD);
        }
        Trie<Item> first = trie.put(2, Names.spread(1), new Item(1, 1), SPREAD);
        Trie<Item> second = first.put(2, Names.spread(2), new Item(2, 1), SPREAD);

        assertSame(first, second);
        assertEquals(new Item(2, 0), trie.find(Names.spread(2), new Item(2, 7), SPREAD));
    }
}

package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories against {@link ReferenceTree}, with versions held, sealed and gone back to. */
final class DataTreeModelTest {
    private static final int STEPS = 2000;

    private record Held(TreeVersion version, ReferenceTree reference) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyVersionIsWhatTheReferenceSays(long seed) {
        Random random = new Random(seed);
        TreeOptions options = new TreeOptions(random.nextInt(4) > 0, random.nextBoolean(), false);
        DataTree tree = new DataTree(options);
        ReferenceTree reference = new ReferenceTree(options);
        List<Held> held = new ArrayList<>();
        RandomTxns txns = new RandomTxns(random, reference);
        for (int step = 0; step < STEPS; step++) {
            TxnHeader header = txns.header();
            Txn txn = txns.txn();
            ReferenceTree.Outcome expected = reference.apply(header, txn);
            Applied actual = tree.apply(header, txn);
            assertEquals(expected.response(), actual.response(), txn.toString());
            assertSameChanges(txn, expected.changes(), actual.changes());
            if (random.nextInt(10) == 0) {
                held.add(new Held(tree.seal(), new ReferenceTree(reference)));
            }
            if (random.nextInt(40) == 0 && !held.isEmpty()) {
                SameTree.assertSame(reference, tree.head());
                Held earlier = held.get(random.nextInt(held.size()));
                tree.rewind(earlier.version);
                reference = new ReferenceTree(earlier.reference);
                txns = new RandomTxns(random, reference);
            }
        }
        SameTree.assertSame(reference, tree.head());
        for (Held one : held) {
            SameTree.assertSame(one.reference, one.version);
        }
    }

    /** The ephemerals that a closeSession does not list go last, in an order of the tree's own. */
    private static void assertSameChanges(Txn txn, List<Change> expected, List<Change> actual) {
        int ordered = expected.size();
        if (txn instanceof Txn.CloseSessionTxn(var paths)) {
            Set<String> listed = paths == null ? Set.of() : Set.copyOf(paths);
            ordered = (int) expected.stream().filter(c -> listed.contains(c.path())).count();
        }
        assertEquals(expected.size(), actual.size(), txn.toString());
        assertEquals(expected.subList(0, ordered), actual.subList(0, ordered), txn.toString());
        assertEquals(new HashSet<>(expected), new HashSet<>(actual), txn.toString());
    }
}

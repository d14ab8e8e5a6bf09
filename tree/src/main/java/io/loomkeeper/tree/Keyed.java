package io.loomkeeper.tree;

/** An entry of a {@link Trie} that goes by a number, such as a session's. */
interface Keyed {
    long key();

    enum ByKey implements Trie.Keys<Keyed> {
        KEYS;

        @Override
        public long hash(Keyed entry) {
            return Names.spread(entry.key());
        }

        @Override
        public int compare(Keyed a, Keyed b) {
            return Long.compare(a.key(), b.key());
        }
    }
}

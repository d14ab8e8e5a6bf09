package io.loomkeeper.tree;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A set of paths that belong to {@link #key}, such as one session's ephemerals: a value.
 *
 * @param key the session; 0 where there is one such set only
 * @param paths each the path's UTF-8 bytes
 */
record PathSet(long key, Trie<byte[]> paths, int count) implements Keyed {

    private enum ByBytes implements Trie.Keys<byte[]> {
        KEYS;

        @Override
        public long hash(byte[] path) {
            return Names.hash(path, 0, path.length);
        }

        @Override
        public int compare(byte[] a, byte[] b) {
            return Arrays.compareUnsigned(a, b);
        }
    }

    static PathSet empty(long key) {
        return new PathSet(key, Trie.empty(), 0);
    }

    /** With {@code path}, which is not in it. */
    PathSet with(long edit, byte[] path) {
        long hash = Names.hash(path, 0, path.length);
        assert paths.find(hash, path, ByBytes.KEYS) == null;
        return new PathSet(key, paths.put(edit, hash, path, ByBytes.KEYS), count + 1);
    }

    /** Without {@code path}, which is in it. */
    PathSet without(long edit, byte[] path) {
        long hash = Names.hash(path, 0, path.length);
        assert paths.find(hash, path, ByBytes.KEYS) != null;
        return new PathSet(key, paths.remove(edit, hash, path, ByBytes.KEYS), count - 1);
    }

    /** Gives each path, in an order that depends on the contents alone. */
    void forEach(Consumer<String> visitor) {
        Trie.Cursor<byte[]> all = new Trie.Cursor<byte[]>().over(paths);
        for (byte[] path = all.next(); path != null; path = all.next()) {
            visitor.accept(new String(path, StandardCharsets.UTF_8));
        }
    }

    /** All paths, in the same order. */
    List<String> toList() {
        List<String> list = new ArrayList<>(count);
        forEach(list::add);
        return list;
    }
}

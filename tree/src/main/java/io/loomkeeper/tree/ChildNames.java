package io.loomkeeper.tree;

/**
 * The names of one node's children in one version of the tree, in no promised order; never copied.
 */
public interface ChildNames {
    int count();

    /** Total length of all names in UTF-8 bytes. */
    long utf8Bytes();

    void forEach(Visitor visitor);

    /**
     * Receives each name as {@code length} UTF-8 bytes of {@code array} from {@code offset};
     * read-only.
     */
    interface Visitor {
        void onName(byte[] array, int offset, int length);
    }
}

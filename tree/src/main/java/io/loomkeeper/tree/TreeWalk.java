package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Goes through all nodes below one, each parent before its children, children in the order of their
 * trie. Depth costs heap, not stack.
 */
final class TreeWalk {
    private final PathText path;
    private final List<Trie.Cursor<Object>> cursors = new ArrayList<>();
    private int[] pathLengths = new int[8];
    private int depth = -1;
    private @Nullable Branch entered;

    /** {@code path} is that of {@code top}; during the walk it is that of the node at hand. */
    TreeWalk(Branch top, PathText path) {
        this.path = path;
        this.entered = top;
    }

    /** The next node, a record or a Branch, or null after the last. */
    @Nullable Object next() {
        if (entered != null) {
            enter(entered);
        }
        while (depth >= 0) {
            path.length = pathLengths[depth];
            Object node = cursors.get(depth).next();
            if (node != null) {
                byte[] record = Branch.recordOf(node);
                path.push(record, Znode.nameOffset(record), Znode.nameLength(record));
                entered = node instanceof Branch branch ? branch : null;
                return node;
            }
            depth--;
        }
        return null;
    }

    private void enter(Branch branch) {
        entered = null;
        depth++;
        if (depth == cursors.size()) {
            cursors.add(new Trie.Cursor<>());
            pathLengths = Arrays.copyOf(pathLengths, Math.max(pathLengths.length, 2 * depth));
        }
        pathLengths[depth] = path.length;
        cursors.get(depth).over(branch.children);
    }
}

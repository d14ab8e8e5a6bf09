package io.loomkeeper.tree;

/** What a path may look like, and how it falls into parent and last component (protocol 7.4). */
final class PathRules {
    static final String ROOT = "/";
    static final String ZOOKEEPER = "/zookeeper";
    static final String QUOTA = "/zookeeper/quota";
    static final String CONFIG = "/zookeeper/config";

    private PathRules() {}

    /**
     * Whether a node of this path may exist: starts with a slash, does not end with one unless it
     * is the root, has no component that is empty, {@code .} or {@code ..}, and no character that
     * protocol 7.4 forbids.
     */
    static boolean isValid(String path) {
        int length = path.length();
        if (length == 0 || path.charAt(0) != '/') {
            return false;
        }
        if (length == 1) {
            return true;
        }
        int start = 1;
        for (int i = 1; i < length; i++) {
            char c = path.charAt(i);
            if (c == '/') {
                if (!isComponent(path, start, i)) {
                    return false;
                }
                start = i + 1;
            } else if (c < ' ' || (c >= 0x7f && isForbidden(c))) {
                return false;
            }
        }
        return isComponent(path, start, length);
    }

    /** Neither empty nor a relative step. */
    private static boolean isComponent(String path, int start, int end) {
        return switch (end - start) {
            case 0 -> false;
            case 1 -> path.charAt(start) != '.';
            case 2 -> path.charAt(start) != '.' || path.charAt(start + 1) != '.';
            default -> true;
        };
    }

    /** The forbidden characters beyond ASCII's printable ones. */
    private static boolean isForbidden(char c) {
        return c <= 0x9f || (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0;
    }

    /**
     * What create and delete ask of a path before anything else: a slash somewhere and no NUL
     * (protocol 3.2). Only then has the path a {@link #parent}.
     */
    static boolean hasParent(String path) {
        return path.indexOf('/') >= 0 && path.indexOf('\0') < 0;
    }

    /** The nodes that exist from the start and are never deleted (protocol 7.1). */
    static boolean isReserved(String path) {
        return path.equals(ROOT)
                || (path.startsWith(ZOOKEEPER)
                        && (path.length() == ZOOKEEPER.length()
                                || path.equals(QUOTA)
                                || path.equals(CONFIG)));
    }

    /**
     * The path before the last slash; the root for {@code /x} and for the root itself.
     *
     * @param path one that contains a slash
     */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        assert slash >= 0 : path;
        return slash == 0 ? ROOT : path.substring(0, slash);
    }
}

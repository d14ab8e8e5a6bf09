package io.loomkeeper.tree;

/** What the stored ephemeralOwner of a node means (protocol 7.3). */
final class Owner {
    static final long CONTAINER = Long.MIN_VALUE;
    static final long TTL_MS_MAX = (1L << 40) - 1;

    private static final long EXTENDED = 0xffL << 56;
    private static final long SELECTOR = 0xffffL << 40;

    private Owner() {}

    enum Kind {
        PERSISTENT,
        EPHEMERAL,
        CONTAINER,
        TTL
    }

    static Kind kind(long owner, TreeOptions options) {
        if (owner == 0) {
            return Kind.PERSISTENT;
        }
        if (owner == CONTAINER) {
            return Kind.CONTAINER;
        }
        return owner < 0 && isTtl(owner, options) ? Kind.TTL : Kind.EPHEMERAL;
    }

    private static boolean isTtl(long owner, TreeOptions options) {
        return options.extendedTypes()
                && (options.emulate353Ttl()
                        || ((owner & EXTENDED) == EXTENDED && (owner & SELECTOR) == 0));
    }

    /** {@code ttlMs} from 1 to {@link #TTL_MS_MAX}. */
    static long ofTtl(long ttlMs, TreeOptions options) {
        return options.emulate353Ttl() ? Long.MIN_VALUE | ttlMs : EXTENDED | (ttlMs & TTL_MS_MAX);
    }

    /** Of an owner whose kind is TTL. */
    static long ttlMs(long owner, TreeOptions options) {
        return options.emulate353Ttl() ? owner & Long.MAX_VALUE : owner & TTL_MS_MAX;
    }
}

package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/**
 * A block of addresses as the ip scheme writes it: {@code 10.1.0.0/16}, {@code fd00::/8}, or one
 * address without bits (protocol 8.4). Text only: no name is ever looked up.
 *
 * @param high the first 64 bits of the address, left-aligned; a v4 address stands here
 * @param low the last 64 bits of a v6 address
 * @param width 32 or 128: the two families never match each other
 * @param bits how many leading bits count
 */
record IpBlock(long high, long low, int width, int bits) {
    private static final int V4 = 32;
    private static final int V6 = 128;
    private static final int GROUPS = 8;

    /** Null if {@code text} is no block. */
    static @Nullable IpBlock parse(String text) {
        int slash = text.indexOf('/');
        IpBlock address = parseAddress(slash < 0 ? text : text.substring(0, slash));
        if (address == null || slash < 0) {
            return address;
        }
        int bits = number(text, slash + 1, text.length(), 10, address.width);
        return bits < 0 ? null : new IpBlock(address.high, address.low, address.width, bits);
    }

    /** Whether {@code address}, a connection's, lies in the block that {@code text} writes. */
    static boolean contains(String text, String address) {
        IpBlock block = parse(text);
        int zone = address.indexOf('%');
        IpBlock that = parseAddress(zone < 0 ? address : address.substring(0, zone));
        return block != null && that != null && block.contains(that);
    }

    private boolean contains(IpBlock address) {
        return width == address.width
                && (high & mask(bits)) == (address.high & mask(bits))
                && (low & mask(bits - 64)) == (address.low & mask(bits - 64));
    }

    private static long mask(int bits) {
        return bits <= 0 ? 0 : bits >= 64 ? -1 : -1L << (64 - bits);
    }

    private static @Nullable IpBlock parseAddress(String text) {
        return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
    }

    private static @Nullable IpBlock parseV4(String text) {
        long address = 0;
        int start = 0;
        for (int part = 0; part < 4; part++) {
            int dot = text.indexOf('.', start);
            if ((dot < 0) != (part == 3)) {
                return null;
            }
            int value = number(text, start, dot < 0 ? text.length() : dot, 10, 255);
            if (value < 0) {
                return null;
            }
            address = address << 8 | value;
            start = dot + 1;
        }
        return new IpBlock(address << 32, 0, V4, V4);
    }

    private static @Nullable IpBlock parseV6(String text) {
        int gap = text.indexOf("::");
        int[] groups = new int[GROUPS];
        if (gap < 0) {
            return readGroups(text, 0, text.length(), groups) == GROUPS ? ofGroups(groups) : null;
        }
        int before = readGroups(text, 0, gap, groups);
        int[] tail = new int[GROUPS];
        int after = readGroups(text, gap + 2, text.length(), tail);
        if (before < 0 || after < 0 || before + after >= GROUPS) {
            return null;
        }
        System.arraycopy(tail, 0, groups, GROUPS - after, after);
        return ofGroups(groups);
    }

    /** How many groups stand between {@code start} and {@code end}; -1 if they are no groups. */
    private static int readGroups(String text, int start, int end, int[] groups) {
        int count = 0;
        int from = start;
        while (from < end || (from == end && count > 0)) {
            int colon = text.indexOf(':', from);
            int to = colon < 0 || colon > end ? end : colon;
            int value = to - from > 4 ? -1 : number(text, from, to, 16, 0xffff);
            if (value < 0 || count == GROUPS) {
                return -1;
            }
            groups[count++] = value;
            from = to + 1;
        }
        return count;
    }

    private static IpBlock ofGroups(int[] groups) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < GROUPS / 2; i++) {
            high = high << 16 | groups[i];
            low = low << 16 | groups[i + GROUPS / 2];
        }
        return new IpBlock(high, low, V6, V6);
    }

    /** The number of those digits, or -1: no digits, or more than {@code max}. */
    private static int number(String text, int start, int end, int radix, int max) {
        int value = 0;
        for (int i = start; i < end; i++) {
            int digit = text.charAt(i) < 0x80 ? Character.digit(text.charAt(i), radix) : -1;
            value = value * radix + digit;
            if (digit < 0 || value > max) {
                return -1;
            }
        }
        return start < end ? value : -1;
    }
}

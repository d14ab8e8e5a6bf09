package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What random requests are made of. Few names, so that requests meet; mostly sound values, so that
 * they go deep; now and then every kind of unsound one.
 */
final class Vocabulary {
    private static final String[] NAMES = {"a", "b", "c", "d"};
    private static final String[] BAD_PATHS = {
        "",
        "a",
        "//",
        "/a/",
        "/a//b",
        "/.",
        "/..",
        "/a/./b",
        "/a/../b",
        "/a/.",
        "/\u0001",
        "/a\u0000b",
        "/\u007f",
        "/a/\u009f",
        "/\ue000",
        "/\ufff5",
        "/\ud83d\ude00",
        "/a/\u00e9",
        "/\u4e2d\u6587",
        "/a/...",
        "/zookeeper/",
        "/zookeeper/none",
        " /a",
        "/a b"
    };
    private static final String[] SYSTEM_PATHS = {
        "/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"
    };
    private static final int MOST_LEARNT = 200;

    private final Random random;
    private final String prefix;
    private final List<String> learnt = new ArrayList<>();

    /**
     * Prepares to choose.
     *
     * @param prefix under which every path lies, or nothing
     */
    Vocabulary(Random random, String prefix) {
        this.random = random;
        this.prefix = prefix;
    }

    String prefix() {
        return prefix;
    }

    /** Takes in a path that a server made up, such as one with a sequence number. */
    void learn(String path) {
        if (learnt.size() == MOST_LEARNT) {
            learnt.remove(random.nextInt(MOST_LEARNT));
        }
        learnt.add(path);
    }

    /** True once in {@code n} times. */
    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    int below(int n) {
        return random.nextInt(n);
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** A path that may well exist. */
    String path() {
        if (!learnt.isEmpty() && oneIn(6)) {
            return learnt.get(random.nextInt(learnt.size()));
        }
        if (prefix.isEmpty() && oneIn(40)) {
            return pick(SYSTEM_PATHS);
        }
        StringBuilder path = new StringBuilder(prefix);
        for (int depth = 1 + random.nextInt(3); depth > 0; depth--) {
            path.append('/').append(pick(NAMES));
        }
        return path.toString();
    }

    /** Mostly {@link #path}; else one that is wrong, strange, or null. */
    @Nullable String anyPath() {
        if (!oneIn(50)) {
            return path();
        }
        if (oneIn(8)) {
            return prefix + "/" + "x".repeat(1 + random.nextInt(5_000));
        }
        if (prefix.isEmpty()) {
            return oneIn(12) ? null : pick(BAD_PATHS);
        }
        String bad = pick(BAD_PATHS);
        return bad.startsWith("/") ? prefix + bad : path();
    }

    /** Where a node could be made. */
    @Nullable String newPath() {
        if (oneIn(60)) {
            return anyPath();
        }
        if (oneIn(5)) {
            String parent = path();
            return (parent.equals("/") ? "" : parent) + "/" + pick("n-", "", "lock-", "x");
        }
        return path();
    }

    byte @Nullable [] data() {
        return switch (random.nextInt(20)) {
            case 0 -> null;
            case 1, 2 -> new byte[0];
            case 3 -> bytes(1 + random.nextInt(4_000));
            case 4, 5 -> bytes(1 + random.nextInt(200));
            default -> ("v" + random.nextInt(1_000)).getBytes(UTF_8);
        };
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** An expected version. */
    int version() {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> 2;
            case 3 -> random.nextInt(6);
            case 4 -> oneIn(4) ? Integer.MIN_VALUE + random.nextInt(3) : -random.nextInt(4);
            default -> -1;
        };
    }

    /**
     * Appends a vector of ACLs.
     *
     * @param isAlone false inside a multi, where Apache falls over a null half way and does not
     *     keep what lies beyond the basic plane
     */
    FrameOut acl(FrameOut out, boolean isAlone) {
        int kind = random.nextInt(60);
        if (kind < 40) {
            return out.int4(1).int4(31).text("world").text("anyone");
        }
        if (kind == 40) {
            return out.int4(isAlone ? random.nextInt(3) - 2 : 0);
        }
        int count = 1 + random.nextInt(3);
        out.int4(count);
        for (int i = 0; i < count; i++) {
            int perms = oneIn(3) ? 31 : random.nextInt(33) - (oneIn(20) ? 40 : 0);
            identity(out.int4(perms), isAlone);
        }
        return out;
    }

    private void identity(FrameOut out, boolean isAlone) {
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4 -> out.text("world").text("anyone");
            case 5, 6, 7 -> out.text("auth").text(pick("", "user1", "x"));
            case 8, 9, 10 -> out.text("digest").text("user1:+owfoSBn/am19roBPzR1/MfCblE=");
            case 11, 12 -> out.text("digest").text("user2:nobody-hashes-to-this");
            case 13 -> out.text("ip").text("127.0.0.1");
            case 14 ->
                    out.text("ip")
                            .text(pick("10.0.0.0/8", "127.0.0.0/8", "0.0.0.0/0", "127.0.0.1/32"));
            case 15 ->
                    out.text("ip")
                            .text(
                                    pick(
                                            "300.1.1.1",
                                            "1.2.3",
                                            "::1",
                                            "10.0.0.1/33",
                                            "10.0.0.1/-1",
                                            ""));
            case 16 -> out.text("world").text(pick("", "nobody", "Anyone"));
            case 17 -> out.text("digest").text(pick("", "a", "a:b:c", ":", "a:", ":b"));
            case 18 -> out.text(pick("sasl", "x509", "super", "nosuch", "")).text("whoever");
            case 19 -> out.text("digest").text((isAlone ? "\ud83d\ude00" : "\u4e2d") + ":h\u00e9");
            default -> out.text("world").text("anyone");
        }
    }

    long ttl() {
        return switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> (1L << 40) - 1;
            case 3 -> 1L << 40;
            case 4 -> random.nextLong();
            default -> 3_600_000L + random.nextInt(1_000);
        };
    }
}

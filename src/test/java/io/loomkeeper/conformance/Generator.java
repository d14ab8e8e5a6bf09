package io.loomkeeper.conformance;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Makes up one script, step by step, from a seed. The next step may depend on what the servers said
 * so far: which clients are connected, which sequential nodes exist.
 */
final class Generator {
    private static final int CLIENTS = 4;
    private static final List<Integer> DEPTHS = List.of(1, 3, 20, 80, 150, 250, 250);

    private final Vocabulary words;
    private final Requests requests;
    private final boolean isLockstep;

    /** For each client, what it may name and ask while others send too. */
    private final List<Vocabulary> homeWords = new ArrayList<>();

    private final List<Requests> homeRequests = new ArrayList<>();
    private boolean hasHomes;

    /**
     * Prepares a script.
     *
     * @param isLockstep whether each request waits for the reply to the one before it
     */
    Generator(long seed, boolean isLockstep) {
        Random random = new Random(seed);
        this.words = new Vocabulary(random, "");
        this.requests = new Requests(words);
        this.isLockstep = isLockstep;
        for (int client = 0; client < CLIENTS; client++) {
            homeWords.add(new Vocabulary(random, Step.home(client)));
            homeRequests.add(new Requests(homeWords.getLast()));
        }
    }

    /**
     * Takes in the path that a create's reply names. Quota nodes are left to {@link
     * Requests#quota}.
     */
    void learn(String path) {
        if (path.startsWith("/zookeeper")) {
            return;
        }
        for (int client = 0; client < CLIENTS; client++) {
            if (path.startsWith(Step.home(client))) {
                learnBelow(client, path);
                return;
            }
        }
        words.learn(path);
    }

    private void learnBelow(int client, String path) {
        if (path.startsWith(Step.home(client) + "/")) {
            homeWords.get(client).learn(path);
            words.learn(path);
        }
    }

    /**
     * The next step.
     *
     * @param isConnected which clients have a connection
     * @param hasSession which clients have had a session, connected or not
     */
    Step next(IntPredicate isConnected, IntPredicate hasSession) {
        int client = words.below(CLIENTS);
        if (!isConnected.test(client)) {
            return connect(client, hasSession.test(client));
        }
        if (!hasHomes) {
            hasHomes = true;
            return new Step.Batch(client, homes());
        }
        int kind = words.below(60);
        if (kind < 2) {
            return new Step.Drop(client);
        }
        if (kind == 2) {
            return new Step.Reopen(client, Step.How.RIGHT);
        }
        if (kind < 8) {
            return new Step.Batch(client, List.of(requests.alone()));
        }
        if (kind == 8 && words.oneIn(3)) {
            return new Step.Raw(client, ByteBuffer.wrap(garbage()));
        }
        if (kind < (isLockstep ? 20 : 12)) {
            return new Step.Batch(client, requests.quota(isLockstep));
        }
        if (kind < 18 && !isLockstep) {
            return together(isConnected);
        }
        return new Step.Batch(client, ops(requests, isLockstep ? 1 : words.pick(DEPTHS)));
    }

    private List<Op> homes() {
        return IntStream.range(0, CLIENTS)
                .mapToObj(client -> requests.plain(Step.home(client), ""))
                .toList();
    }

    private Step together(IntPredicate isConnected) {
        return new Step.Together(
                IntStream.range(0, CLIENTS)
                        .filter(isConnected)
                        .mapToObj(this::batchAtHome)
                        .toList());
    }

    private Step.Batch batchAtHome(int client) {
        return new Step.Batch(client, ops(homeRequests.get(client), words.pick(DEPTHS)));
    }

    private static List<Op> ops(Requests requests, int most) {
        List<Op> ops = new ArrayList<>();
        for (int left = most; left > 0; left--) {
            ops.add(requests.any());
            if (ops.getLast().goesLast()) {
                break;
            }
        }
        return ops;
    }

    private Step connect(int client, boolean hasSession) {
        if (!hasSession || words.oneIn(4)) {
            int timeoutMs = words.oneIn(3) ? words.below(2_000_000) - 100 : 400_000;
            return new Step.Open(client, timeoutMs, !words.oneIn(4));
        }
        int how = words.below(12);
        Step.How[] all = Step.How.values();
        return new Step.Reopen(client, how < all.length ? all[how] : Step.How.RIGHT);
    }

    /** A length that no frame has, or a frame too short for a header. */
    private byte[] garbage() {
        return switch (words.below(4)) {
            case 0 -> new FrameOut().int4(-1).bytes();
            case 1 -> new FrameOut().int4(0x7fff_ffff).bytes();
            case 2 -> new FrameOut().int4(0x0010_0000).bytes();
            default -> new FrameOut().int4(4).int4(1).bytes();
        };
    }
}

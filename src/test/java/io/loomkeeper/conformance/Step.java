package io.loomkeeper.conformance;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One thing that a script makes happen, to both servers alike. Clients are numbered; each has one
 * session at most.
 */
sealed interface Step {
    int client();

    /** The requests that a client sends in this step. */
    default List<Op> ops(int client) {
        return List.of();
    }

    /** The batches of requests that this step sends. */
    default List<Batch> batches() {
        return List.of();
    }

    /** The node below which a client keeps to itself when others send at the same time. */
    static String home(int client) {
        return "/t" + client;
    }

    /** A new session. */
    record Open(int client, int timeoutMs, boolean withReadOnlyFlag) implements Step {}

    /** A new connection for the client's session, with or without the old one still standing. */
    record Reopen(int client, How how) implements Step {}

    /** The connection is cut; the session lives. */
    record Drop(int client) implements Step {}

    /** Requests sent in one go, without waiting for a reply in between. */
    record Batch(int client, List<Op> ops) implements Step {
        @Override
        public List<Op> ops(int sender) {
            return sender == client ? ops : List.of();
        }

        @Override
        public List<Batch> batches() {
            return List.of(this);
        }
    }

    /**
     * Batches of several clients at the same time. Each keeps to its {@link #home}, so that only
     * the zxids depend on who came first.
     */
    record Together(List<Batch> batches) implements Step {
        @Override
        public int client() {
            return batches.getFirst().client();
        }

        @Override
        public List<Op> ops(int sender) {
            return batches.stream()
                    .filter(batch -> batch.client() == sender)
                    .findFirst()
                    .map(Batch::ops)
                    .orElse(List.of());
        }
    }

    /**
     * A batch, and behind its replies so many events: of what servers do by themselves later on.
     */
    record Await(Batch batch, int events) implements Step {
        @Override
        public int client() {
            return batch.client();
        }

        @Override
        public List<Op> ops(int sender) {
            return batch.ops(sender);
        }

        @Override
        public List<Batch> batches() {
            return List.of(batch);
        }
    }

    /** Bytes that are no frame; the server closes the connection without a word. */
    record Raw(int client, ByteBuffer bytes) implements Step {}

    /** In what a reconnect is right or wrong (protocol 2.4). */
    enum How {
        RIGHT,
        WITHOUT_READ_ONLY_FLAG,
        WRONG_PASSWORD,
        UNKNOWN_SESSION,
        ZXID_AHEAD
    }
}

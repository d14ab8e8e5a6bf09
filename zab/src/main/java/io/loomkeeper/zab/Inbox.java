package io.loomkeeper.zab;

import java.util.ArrayDeque;

/** What a leader has said while its learner's journal is being changed, in order. */
final class Inbox {
    /** Beyond this the learner takes nothing more in, and the leader's link fills up. */
    private static final long BYTES_MAX = 16 << 20;

    private static final long MESSAGE_BYTES = 64;

    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private long bytes;

    void hold(Message message) {
        messages.add(message);
        bytes += bytesOf(message);
    }

    Message take() {
        Message message = messages.remove();
        bytes -= bytesOf(message);
        return message;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    boolean isFull() {
        return bytes > BYTES_MAX;
    }

    private static long bytesOf(Message message) {
        return MESSAGE_BYTES
                + (message instanceof Message.Proposal proposal ? proposal.txn().capacity() : 0L)
                + (message instanceof Message.Inform inform ? inform.txn().capacity() : 0L);
    }
}

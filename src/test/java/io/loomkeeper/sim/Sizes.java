package io.loomkeeper.sim;

import io.loomkeeper.zab.Message;

/** About how many bytes a message takes on a link. */
final class Sizes {
    private static final int HEADER_BYTES = 20;

    private Sizes() {}

    static int of(Message message) {
        return HEADER_BYTES
                + switch (message) {
                    case Message.Proposal(_, var txn) -> txn.capacity();
                    case Message.Inform(_, var txn) -> txn.capacity();
                    case Message.InformAndActivate(_, _, var txn) -> txn.capacity();
                    case Message.Forward forward -> forward.body().capacity();
                    case Message.Snap _ -> 100_000;
                    case Message.Pong(_, var sessions) -> sessions.size() * 12;
                    default -> 0;
                };
    }
}

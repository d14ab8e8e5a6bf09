package io.loomkeeper.zab;

import java.util.ArrayDeque;

/** What a leader has said to a learner's service, behind commits that are not delivered yet. */
final class LeadersReplies {
    /** The service may have it when {@code zxid} is delivered. */
    private record Reply(long zxid, Message message) {}

    private final ArrayDeque<Reply> waiting = new ArrayDeque<>();

    void add(long zxid, Message message) {
        waiting.add(new Reply(zxid, message));
    }

    /** Everything up to that zxid is delivered. */
    void deliver(long zxid, StateMachine stateMachine) {
        while (!waiting.isEmpty() && waiting.peek().zxid() <= zxid) {
            stateMachine.onLeaderMessage(waiting.remove().message());
        }
    }
}

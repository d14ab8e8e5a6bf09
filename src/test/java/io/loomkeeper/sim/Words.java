package io.loomkeeper.sim;

import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.Vote;

/** What servers say, in short words. */
final class Words {
    private Words() {}

    static String of(Message message) {
        return switch (message) {
            case Message.Proposal(long zxid, _) -> "Proposal " + hex(zxid);
            case Message.Commit(long zxid) -> "Commit " + hex(zxid);
            case Message.Ack(long zxid) -> "Ack " + hex(zxid);
            case Message.Inform(long zxid, _) -> "Inform " + hex(zxid);
            case Message.Diff(long zxid) -> "Diff " + hex(zxid);
            case Message.Trunc(long zxid) -> "Trunc " + hex(zxid);
            case Message.Snap(long zxid, _) -> "Snap " + hex(zxid);
            case Message.NewLeader(long zxid, _) -> "NewLeader " + hex(zxid);
            case Message.Ping(long zxid) -> "Ping " + hex(zxid);
            case Message.Pong(long zxid, _) -> "Pong " + hex(zxid);
            case Message.AckEpoch(long zxid, int epoch) ->
                    "AckEpoch " + hex(zxid) + ", current " + epoch;
            case Message.Forward forward ->
                    "Forward " + forward.sessionId() + "/" + forward.cxid() + " " + forward.op();
            default -> message.toString();
        };
    }

    static String of(Notification notification) {
        Vote vote = notification.vote();
        return notification.state()
                + (vote.equals(Vote.NONE)
                        ? " without a vote"
                        : " for " + vote.leader() + "/" + hex(vote.zxid()) + "/" + vote.peerEpoch())
                + " in round "
                + notification.round();
    }

    static String hex(long zxid) {
        return "0x" + Long.toHexString(zxid);
    }
}

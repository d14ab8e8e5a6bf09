package io.loomkeeper.zab;

import org.agrona.DirectBuffer;

/**
 * The role of a server that is an ensemble of one: it leads from the start to the end. Its own
 * durable journal is a quorum (S10, D6). Zxids go on behind the last one; epochs have no meaning.
 */
final class Alone implements Role {
    private final Journal journal;
    private final StateMachine stateMachine;
    private long lastProposed;
    private long lastCommitted;

    /** The journal is being replaced: nothing is proposed, nothing counts as durable. */
    private boolean isChanging;

    Alone(Journal journal, StateMachine stateMachine, long recovered) {
        this.journal = journal;
        this.stateMachine = stateMachine;
        this.lastProposed = recovered;
        this.lastCommitted = recovered;
    }

    /** What is not committed yet would be lost. */
    @Override
    public void replace(Image image) {
        assert !isChanging && lastCommitted == lastProposed : "D3";
        assert image.zxid() > lastProposed : "S5";
        lastProposed = image.zxid();
        isChanging = true;
        journal.install(image);
    }

    @Override
    public void onHistoryChanged() {
        assert isChanging;
        isChanging = false;
        lastCommitted = lastProposed;
    }

    @Override
    public boolean propose(DirectBuffer txn, int offset, int length) {
        assert !isChanging;
        long zxid = Zxid.next(lastProposed);
        if (!journal.append(zxid, txn, offset, length)) {
            return false;
        }
        lastProposed = zxid;
        return true;
    }

    @Override
    public void onDurable(long zxid) {
        assert zxid <= lastProposed : "durable beyond proposed: 0x" + Long.toHexString(zxid);
        if (zxid > lastCommitted && !isChanging) {
            lastCommitted = zxid;
            stateMachine.onCommitted(zxid);
        }
    }

    @Override
    public ServerState state() {
        return ServerState.LEADING;
    }

    @Override
    public String phase() {
        return "alone";
    }

    @Override
    public long leader() {
        return 0;
    }

    @Override
    public int epoch() {
        return Zxid.epoch(lastProposed);
    }

    @Override
    public boolean isServing() {
        return !isChanging;
    }

    @Override
    public long lastProposed() {
        return lastProposed;
    }

    @Override
    public long lastCommitted() {
        return lastCommitted;
    }

    @Override
    public Notification notification() {
        return new Notification(ServerState.LEADING, Vote.NONE, 0, Notification.VERSION, null);
    }

    @Override
    public void onTick() {}

    @Override
    public long nextDeadlineMs() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onNotification(long from, Notification notification) {}

    @Override
    public void onAccepted(long link) {}

    @Override
    public void onMessage(long link, Message message) {}
}

package io.loomkeeper.zab;

import org.agrona.DirectBuffer;

/**
 * This server's part in the agreement. An ensemble of one: its own durable journal is a quorum, so
 * a transaction is committed when it is durable here (rule D6: n = 1 is not special).
 */
public final class Peer {
    private final Journal journal;
    private final StateMachine stateMachine;
    private long lastProposed;
    private long lastCommitted;

    /**
     * @param recovered the last zxid of the recovered history: durable, and committed because the
     *     only voter holds it
     */
    public Peer(Journal journal, StateMachine stateMachine, long recovered) {
        this.journal = journal;
        this.stateMachine = stateMachine;
        this.lastProposed = recovered;
        this.lastCommitted = recovered;
    }

    /** The zxid that the next proposal will carry. */
    public long nextZxid() {
        return Zxid.next(lastProposed);
    }

    public long lastProposed() {
        return lastProposed;
    }

    public long lastCommitted() {
        return lastCommitted;
    }

    /**
     * Proposes the transaction that carries {@link #nextZxid()}.
     *
     * @return false when the journal is full: nothing was proposed, try again later
     */
    public boolean propose(DirectBuffer txn, int offset, int length) {
        long zxid = nextZxid();
        if (!journal.append(zxid, txn, offset, length)) {
            return false;
        }
        lastProposed = zxid;
        return true;
    }

    /** Our own journal is durable up to {@code zxid}: with one voter, that is a quorum (S10). */
    public void onDurable(long zxid) {
        assert zxid <= lastProposed : "durable beyond proposed: 0x" + Long.toHexString(zxid);
        if (zxid > lastCommitted) {
            lastCommitted = zxid;
            stateMachine.onCommitted(zxid);
        }
    }
}

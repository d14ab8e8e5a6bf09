package io.loomkeeper.zab;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The newest part of this server's history, in memory: what outlives its roles.
 *
 * <pre>
 *   base | committed log: delivered, kept for learners | tail: appended, not delivered | last
 * </pre>
 *
 * What is appended is not applied before it is known to be committed, so a change of role never
 * takes the state machine back; only the truncation of what recovery applied does (T7).
 */
final class History {
    /** The committed log is kept shorter than its count says when it has more bytes than this. */
    private static final long COMMITTED_BYTES_MAX = 32 << 20;

    private final Journal journal;
    private final StateMachine stateMachine;
    private final int committedMax;
    private final EntryRing entries = new EntryRing();

    /** The zxid in the history that comes before the first of {@code entries}. */
    private long base;

    /** How many of {@code entries} are delivered: the committed log. */
    private int deliveredCount;

    private long committedBytes;
    private long last;
    private long durable;
    private long delivered;

    /** The journal is being cut or replaced: nothing is appended, nothing counts as durable. */
    private boolean isChanging;

    History(Journal journal, StateMachine stateMachine, int committedMax, Peer.Recovered found) {
        this.journal = journal;
        this.stateMachine = stateMachine;
        this.committedMax = committedMax;
        this.last = Math.max(found.lastZxid(), 0);
        this.durable = last;
        this.delivered = last;
        this.base = found.recent().isEmpty() ? last : found.recent().getFirst().zxid();
        for (Entry entry : found.recent()) {
            if (entry.zxid() > base) {
                entries.addLast(entry);
                committedBytes += entry.txn().capacity();
            }
        }
        deliveredCount = entries.size();
        assert deliveredCount == 0 || entries.get(deliveredCount - 1).zxid() == last;
        trim();
    }

    /** The last one appended, or cut to, or installed. */
    long last() {
        return last;
    }

    long durable() {
        return durable;
    }

    /** The last one that the state machine has. */
    long delivered() {
        return delivered;
    }

    /** Everything above this is in memory. */
    long base() {
        return base;
    }

    boolean isChanging() {
        return isChanging;
    }

    /** Whether all of it is durable (D1): only then may it be told to others. */
    boolean isSettled() {
        return !isChanging && durable == last;
    }

    /** Rule S5: the successor in its epoch, or the first of a later one. */
    boolean isNext(long zxid) {
        return Zxid.epoch(zxid) == Zxid.epoch(last)
                ? zxid == last + 1
                : zxid > last && Zxid.counter(zxid) == 1;
    }

    /**
     * Appends what a leader has sent.
     *
     * @return false when the journal is full: nothing was taken
     */
    boolean append(Entry entry) {
        assert isNext(entry.zxid()) : "S5: " + hex(entry.zxid()) + " after " + hex(last);
        DirectBuffer txn = entry.txn();
        if (!journal.append(entry.zxid(), txn, 0, txn.capacity())) {
            return false;
        }
        add(entry);
        return true;
    }

    /**
     * Appends a copy, which log, links and the committed log share.
     *
     * @return null when the journal is full: nothing was taken
     */
    @Nullable Entry append(long zxid, DirectBuffer txn, int offset, int length) {
        assert isNext(zxid) : "S5: " + hex(zxid) + " after " + hex(last);
        if (!journal.append(zxid, txn, offset, length)) {
            return null;
        }
        UnsafeBuffer copy = new UnsafeBuffer(new byte[length]);
        copy.putBytes(0, txn, offset, length);
        Entry entry = new Entry(zxid, copy);
        add(entry);
        return entry;
    }

    private void add(Entry entry) {
        assert !isChanging;
        entries.addLast(entry);
        last = entry.zxid();
    }

    /** The journal's force covers everything up to there (D11). */
    void onDurable(long zxid) {
        if (isChanging) {
            return;
        }
        assert zxid <= last : "S1: durable " + hex(zxid) + ", appended " + hex(last);
        durable = Math.max(durable, zxid);
    }

    /**
     * Rule D7: how much of what is committed may be applied. A quorum has it on disk, so our own
     * force need not be waited for; a server whose force fails ends (D9), and one that looks for a
     * leader waits for it (D1).
     */
    long deliverable(long committed) {
        return Math.min(committed, last);
    }

    /** Gives the state machine what it has not proposed itself, up to there, in order (S3, S6). */
    void deliver(long upTo) {
        assert upTo <= last : "S3: deliver " + hex(upTo) + ", appended " + hex(last);
        while (deliveredCount < entries.size() && entries.get(deliveredCount).zxid() <= upTo) {
            Entry entry = entries.get(deliveredCount);
            markDelivered(entry);
            stateMachine.onDelivered(entry.zxid(), entry.txn());
        }
        trim();
        assert stateMachine.lastApplied() == delivered : "S2: " + hex(delivered);
    }

    /** Tells the state machine that its own proposals up to there are committed. */
    void commit(long upTo) {
        assert upTo <= last : "S3: deliver " + hex(upTo) + ", appended " + hex(last);
        while (deliveredCount < entries.size() && entries.get(deliveredCount).zxid() <= upTo) {
            markDelivered(entries.get(deliveredCount));
        }
        trim();
        stateMachine.onCommitted(upTo);
    }

    private void markDelivered(Entry entry) {
        deliveredCount++;
        delivered = entry.zxid();
        committedBytes += entry.txn().capacity();
    }

    /** Keeps what is not durable here, though delivered: its ack is still to be sent. */
    void trim() {
        while (isTooLong() && entries.get(0).zxid() <= durable) {
            Entry dropped = entries.removeFirst();
            base = dropped.zxid();
            committedBytes -= dropped.txn().capacity();
            deliveredCount--;
        }
    }

    private boolean isTooLong() {
        return deliveredCount > committedMax
                || (committedBytes > COMMITTED_BYTES_MAX && deliveredCount > 0);
    }

    /** How many entries in memory are not above {@code zxid}; for {@link #entry}. */
    int indexAfter(long zxid) {
        assert zxid >= base : hex(zxid) + " is before " + hex(base);
        return entries.countUpTo(zxid);
    }

    int size() {
        return entries.size();
    }

    Entry entry(int index) {
        return entries.get(index);
    }

    /** The greatest zxid of the history up to {@code zxid}, which is not below {@link #base}. */
    long greatestUpTo(long zxid) {
        int count = indexAfter(zxid);
        return count == 0 ? base : entries.get(count - 1).zxid();
    }

    /**
     * Cuts everything above {@code zxid}, which is in the history (T1, T2). {@link #onTruncated}
     * follows.
     */
    void truncate(long zxid) {
        assert !isChanging && zxid < last : hex(zxid) + " of " + hex(last);
        while (entries.size() > 0 && entries.get(entries.size() - 1).zxid() > zxid) {
            Entry cut = entries.removeLast();
            if (deliveredCount > entries.size()) {
                deliveredCount = entries.size();
                committedBytes -= cut.txn().capacity();
            }
        }
        base = Math.min(base, zxid);
        isChanging = true;
        last = zxid;
        durable = Math.min(durable, zxid);
        journal.truncate(zxid);
    }

    /** The durable zxid is what was cut to, not what was durable before (D11). */
    void onTruncated(long zxid) {
        assert isChanging && zxid == last : hex(zxid) + ", not " + hex(last);
        isChanging = false;
        durable = zxid;
        delivered = Math.min(delivered, zxid);
        assert stateMachine.lastApplied() == delivered : "T7: " + hex(delivered);
    }

    /** Replaces everything (D3). {@link #onInstalled} follows. */
    void install(long zxid, Image image) {
        assert !isChanging;
        while (entries.size() > 0) {
            entries.removeLast();
        }
        deliveredCount = 0;
        committedBytes = 0;
        base = zxid;
        last = zxid;
        durable = 0;
        isChanging = true;
        journal.install(image);
    }

    void onInstalled(long zxid) {
        assert isChanging && zxid == last : hex(zxid) + ", not " + hex(last);
        isChanging = false;
        durable = zxid;
        delivered = zxid;
        assert stateMachine.lastApplied() == delivered : "D3: " + hex(delivered);
    }

    static String hex(long zxid) {
        return "0x" + Long.toHexString(zxid);
    }
}

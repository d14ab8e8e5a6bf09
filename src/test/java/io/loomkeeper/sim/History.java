package io.loomkeeper.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What an omniscient witness knows: everything proposed, and everything chosen, which is what a
 * quorum of voters has had on disk in the epoch of an established leader; it can never be undone.
 */
final class History {
    /** How far each voter's disk got while it was in one epoch and had promised no newer one. */
    private static final class Epoch {
        final Logged[] durable;

        Epoch(int voters) {
            durable = new Logged[voters];
        }
    }

    private final Electorate electorate;
    private final Logged beginning;
    private final Long2ObjectHashMap<Logged> proposed = new Long2ObjectHashMap<>();
    private final Int2ObjectHashMap<Epoch> epochs = new Int2ObjectHashMap<>();
    private final ArrayList<Logged> chosen = new ArrayList<>();

    History(Electorate electorate, long firstZxid) {
        this.electorate = electorate;
        this.beginning = new Logged(null, firstZxid, new UnsafeBuffer(0, 0), -1);
        chosen.add(beginning);
    }

    Logged beginning() {
        return beginning;
    }

    Logged lastChosen() {
        return chosen.get(chosen.size() - 1);
    }

    List<Logged> chosen() {
        return chosen;
    }

    boolean isChosen(Logged entry) {
        return entry.index < chosen.size() && chosen.get(entry.index) == entry;
    }

    /** The entry with this zxid, if it was ever proposed. */
    @Nullable Logged find(long zxid) {
        return zxid == beginning.zxid ? beginning : proposed.get(zxid);
    }

    /** The entry with this zxid, which was proposed. */
    Logged proposed(long zxid) {
        return Objects.requireNonNull(find(zxid));
    }

    /** The entry with this zxid and these bytes: nothing else may be logged or delivered (S3). */
    Logged entry(long zxid, DirectBuffer txn, int offset, int length) {
        Logged entry = find(zxid);
        if (entry == null) {
            throw new Violation("S3", "nobody proposed 0x" + Long.toHexString(zxid));
        }
        if (length != entry.txn.capacity() || !sameBytes(entry.txn, txn, offset)) {
            throw new Violation("S3", entry + " has other bytes than were proposed");
        }
        return entry;
    }

    private static boolean sameBytes(DirectBuffer one, DirectBuffer other, int offset) {
        for (int i = one.capacity() - 1; i >= 0; i--) {
            if (one.getByte(i) != other.getByte(offset + i)) {
                return false;
            }
        }
        return true;
    }

    /** A leader proposes something behind {@code previous}, the last of its log. */
    Logged propose(Logged previous, long zxid, DirectBuffer txn, int proposer) {
        if (zxid <= previous.zxid) {
            throw new Violation("S1", "0x" + Long.toHexString(zxid) + " behind " + previous);
        }
        Logged entry = new Logged(previous, zxid, txn, proposer);
        proposed.put(zxid, entry);
        return entry;
    }

    /**
     * The disk of a voter that is in {@code epoch}, and has promised no newer one, reaches to
     * {@code last}.
     *
     * @return whether more is chosen now
     */
    boolean onDurable(int voter, int epoch, Logged last) {
        Epoch acks = epochs.get(epoch);
        if (acks == null) {
            acks = new Epoch(electorate.voters());
            epochs.put(epoch, acks);
        }
        Logged before = acks.durable[voter];
        if (before != null && before.index >= last.index) {
            return false;
        }
        acks.durable[voter] = last;
        return choose(acks, epoch);
    }

    /** The newest entry that was chosen before {@code epoch}. */
    Logged lastChosenBefore(int epoch) {
        int i = chosen.size() - 1;
        while (i > 0 && chosen.get(i).chosenEpoch >= epoch) {
            i--;
        }
        return chosen.get(i);
    }

    private boolean choose(Epoch acks, int epoch) {
        Logged best = lastChosen();
        for (Logged end : acks.durable) {
            if (end != null
                    && end.index > best.index
                    && electorate.isQuorum(voter -> reaches(acks.durable[voter], end))) {
                best = end;
            }
        }
        if (best.index < chosen.size()) {
            return false;
        }
        extendTo(best, epoch);
        return true;
    }

    private static boolean reaches(@Nullable Logged last, Logged end) {
        return last != null && last.index >= end.index;
    }

    private void extendTo(Logged last, int epoch) {
        int from = chosen.size();
        for (int i = from; i <= last.index; i++) {
            chosen.add(null);
        }
        Logged entry = last;
        for (; entry.index >= from; entry = entry.before()) {
            chosen.set(entry.index, entry);
            entry.chosenEpoch = epoch;
        }
        if (chosen.get(from - 1) != entry) {
            throw new Violation(
                    "S4", last + " is on a quorum's disks, and so was " + chosen.get(from - 1));
        }
    }

    /**
     * How many chosen entries, the beginning included, a history has that ends with {@code last}.
     */
    int chosenIn(Logged last) {
        Logged entry = last;
        while (!isChosen(entry)) {
            entry = entry.before();
        }
        return entry.index + 1;
    }
}

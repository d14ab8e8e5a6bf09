package io.loomkeeper.sim;

import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TxnCodec;
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
    /** How far each server's disk got while it was in one epoch and had promised no newer one. */
    private static final class Epoch {
        final Logged[] durable;

        Epoch(int servers) {
            durable = new Logged[servers];
        }
    }

    private final ConfigWitness configs;
    private final int servers;
    private final Logged beginning;
    private final Long2ObjectHashMap<Logged> proposed = new Long2ObjectHashMap<>();
    private final Int2ObjectHashMap<Epoch> epochs = new Int2ObjectHashMap<>();
    private final ArrayList<Logged> chosen = new ArrayList<>();

    History(ConfigWitness configs, int servers, long firstZxid) {
        this.configs = configs;
        this.servers = servers;
        this.beginning = new Logged(null, firstZxid, new UnsafeBuffer(0, 0), -1, configs.inForce());
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
        Logged entry = new Logged(previous, zxid, txn, proposer, previous.configuration);
        if (TxnCodec.isOf(Op.RECONFIG, txn)) {
            entry.configuration = configs.madeBy(entry);
        }
        proposed.put(zxid, entry);
        return entry;
    }

    /**
     * The disk of a server that is in {@code epoch}, and has promised no newer one, reaches to
     * {@code last}.
     *
     * @return whether more is chosen now
     */
    boolean onDurable(int server, int epoch, Logged last) {
        Epoch acks = epochs.get(epoch);
        if (acks == null) {
            acks = new Epoch(servers);
            epochs.put(epoch, acks);
        }
        Logged before = acks.durable[server];
        if (before != null && before.index >= last.index) {
            return false;
        }
        acks.durable[server] = last;
        boolean isMore = false;
        while (choose(acks, epoch)) {
            isMore = true;
        }
        return isMore;
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
            Logged entry = end;
            while (entry != null && entry.index > best.index) {
                if (isDurable(acks, entry)) {
                    best = entry;
                }
                entry = beforeItsConfiguration(entry);
            }
        }
        if (best.index < chosen.size()) {
            return false;
        }
        extendTo(best, epoch);
        return true;
    }

    /** Rule S23: of the configuration in force, and of each that is made on the way there. */
    private boolean isDurable(Epoch acks, Logged end) {
        Logged before = beforeItsConfiguration(end);
        Configuration made = end.configuration;
        while (before != null) {
            if (!made.electorate.isQuorum(voter -> reaches(acks.durable[voter], end))) {
                return false;
            }
            made = before.configuration;
            before = beforeItsConfiguration(before);
        }
        return configs.isQuorum(voter -> reaches(acks.durable[voter], end));
    }

    /** What is right before the entry that made its configuration; null if that is decided. */
    private @Nullable Logged beforeItsConfiguration(Logged entry) {
        long version = entry.configuration.version;
        return version <= configs.inForce().version ? null : proposed(version).before();
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
        decideUpTo(last, from, epoch);
    }

    private void decideUpTo(Logged last, int from, int epoch) {
        for (int i = from; i <= last.index; i++) {
            Configuration made = chosen.get(i).configuration;
            if (made.version > configs.inForce().version) {
                configs.decide(made, epoch);
            }
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

package io.loomkeeper.sim;

import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnFormatException;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A transaction at its place in a history: with {@link #previous} it is the whole history up to
 * itself. There is one such object for each proposal, so two servers have the same history if they
 * have the same object.
 */
final class Logged {
    final @Nullable Logged previous;
    final long zxid;

    /** How many transactions are before it. */
    final int index;

    final DirectBuffer txn;

    /** Who proposed it, as an index; -1 for the beginning. */
    final int proposer;

    /**
     * Of the tree when this was applied last; {@link #digestKnown} tells whether it means anything.
     */
    long digest;

    boolean digestKnown;

    /** In which epoch a quorum first had this on disk, once one has. */
    int chosenEpoch;

    /** Some server has delivered this. */
    boolean delivered;

    /** What came of it was reported to the client that asked for it. */
    boolean acked;

    /** The newest that is made up to here. */
    Configuration configuration;

    private @Nullable LoggedTxn logged;

    Logged(
            @Nullable Logged previous,
            long zxid,
            DirectBuffer txn,
            int proposer,
            Configuration configuration) {
        this.previous = previous;
        this.zxid = zxid;
        this.index = previous == null ? 0 : previous.index + 1;
        this.txn = txn;
        this.proposer = proposer;
        this.configuration = configuration;
    }

    /** What the bytes say. */
    LoggedTxn logged() {
        LoggedTxn decoded = logged;
        if (decoded == null) {
            try {
                decoded = TxnCodec.decode(txn, 0, txn.capacity());
            } catch (TxnFormatException e) {
                throw new Violation("S3", "a transaction cannot be read", e);
            }
            logged = decoded;
        }
        return decoded;
    }

    /** The one right before this, which is not the beginning. */
    Logged before() {
        return Objects.requireNonNull(previous);
    }

    /** The entry of this history at {@code index}, which is not beyond this one. */
    Logged at(int index) {
        Logged entry = this;
        while (entry.index > index) {
            entry = entry.before();
        }
        return entry;
    }

    /** Whether {@code entry} is in this history. */
    boolean contains(Logged entry) {
        return entry.index <= index && at(entry.index) == entry;
    }

    /** The last entry of this history that is not above {@code zxid}. */
    Logged upTo(long zxid) {
        Logged entry = this;
        while (entry.zxid > zxid) {
            entry = entry.before();
        }
        return entry;
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(zxid);
    }
}

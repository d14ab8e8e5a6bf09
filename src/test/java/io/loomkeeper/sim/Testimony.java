package io.loomkeeper.sim;

import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.Stat;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Holds what clients are told against the {@link Ledger}. */
final class Testimony {
    private final Simulation world;

    Testimony(Simulation world) {
        this.world = world;
    }

    private static void check(boolean holds, String rule, SimClient.Asked asked, Object what) {
        if (!holds) {
            throw new Violation(rule, asked.client() + " " + asked.request() + ": " + what);
        }
    }

    // writes

    /** C1: it is in the log, once, at that zxid, in an order that agrees with real time. */
    void onWritten(SimClient.Asked asked, long sessionId, Logged at, Response told) {
        TxnHeader header = at.logged().header();
        check(
                header.sessionId() == sessionId && header.cxid() == asked.xid(),
                "C1",
                asked,
                "is told of " + at + ", which is not its own");
        check(!at.acked, "C1", asked, at + " is reported twice");
        check(
                at.zxid > asked.ackedBefore().zxid,
                "C1",
                asked,
                at + " began after " + asked.ackedBefore() + " was reported");
        at.acked = true;
        world.onAcked(at);
        checkOutcome(asked, at, at.logged().txn(), told);
    }

    /** C12, C13: what is told is what the transaction did. */
    private void checkOutcome(SimClient.Asked asked, Logged at, Txn txn, Response told) {
        boolean agrees =
                switch (told) {
                    case Response.Failed(KeeperError error) ->
                            txn instanceof Txn.ErrorTxn(int code) && code == error.code();
                    case Response.Multi(List<Response.OpResult> results) ->
                            txn instanceof Txn.MultiTxn(List<Txn> parts)
                                    && !isRefused(parts)
                                    && parts.size() == results.size();
                    case Response.FailedMulti failed ->
                            txn instanceof Txn.MultiTxn(List<Txn> parts)
                                    && isRefused(parts)
                                    && parts.size() == failed.ops();
                    case Response.Path(var path) ->
                            txn instanceof Txn.CreateTxn create && create.path().equals(path);
                    case Response.PathStat(var path, Stat stat) ->
                            txn instanceof Txn.CreateTxn create
                                    && create.op() == Op.CREATE2
                                    && create.path().equals(path)
                                    && stat.equals(statAt(path, at));
                    case Response.StatOnly(Stat stat) ->
                            txn instanceof Txn.SetDataTxn set
                                    && stat.equals(statAt(set.path(), at));
                    case Response.Data(Bytes data, _) ->
                            txn instanceof Txn.ReconfigTxn(_, Bytes made, _)
                                    && Objects.equals(data, made);
                    case Response.Empty _ ->
                            txn instanceof Txn.DeleteTxn || txn instanceof Txn.CloseSessionTxn;
                    default -> false;
                };
        check(agrees, "C12", asked, "is told " + told + " of " + txn);
    }

    private static boolean isRefused(List<Txn> parts) {
        return parts.stream().anyMatch(part -> part instanceof Txn.ErrorTxn);
    }

    private @Nullable Stat statAt(String path, Logged at) {
        Ledger.State state = world.ledger.at(path, at.zxid);
        return state == null ? null : state.stat();
    }

    // reads

    /** C2, C7, C8, C13: it shows the state at the zxid in its header, and all of it. */
    void onRead(SimClient.Asked asked, long zxid, Response told) {
        checkOwner(asked, zxid, told);
        switch (asked.request()) {
            case Request.GetData(String path, _) -> {
                Ledger.State state = world.ledger.at(path, zxid);
                Response right =
                        state == null ? missing() : new Response.Data(state.data(), stat(state));
                check(told.equals(right), "C2", asked, "shows " + told + ", not " + right);
            }
            case Request.Exists(String path, _) -> {
                Ledger.State state = world.ledger.at(path, zxid);
                Response right = state == null ? missing() : new Response.StatOnly(stat(state));
                check(told.equals(right), "C2", asked, "shows " + told + ", not " + right);
            }
            case Request.GetChildren(String path, _, _) -> checkChildren(asked, path, zxid, told);
            default -> throw new AssertionError(asked);
        }
    }

    /** C8: no ephemeral is shown of a session that has been closed. */
    private void checkOwner(SimClient.Asked asked, long zxid, Response told) {
        Stat shown =
                switch (told) {
                    case Response.Data(_, Stat stat) -> stat;
                    case Response.StatOnly(Stat stat) -> stat;
                    default -> null;
                };
        if (shown != null && shown.ephemeralOwner() != 0) {
            long closed = world.ledger.closedZxid(shown.ephemeralOwner());
            check(zxid < closed, "C8", asked, "shows what was deleted at " + Words.hex(closed));
        }
    }

    private static Response missing() {
        return new Response.Failed(KeeperError.NO_NODE);
    }

    private static Stat stat(Ledger.State state) {
        return Objects.requireNonNull(state.stat());
    }

    private void checkChildren(SimClient.Asked asked, String path, long zxid, Response told) {
        Ledger.State state = world.ledger.at(path, zxid);
        if (!(told instanceof Response.Children(var names, Stat stat))) {
            check(state == null && told.equals(missing()), "C2", asked, "shows " + told);
            return;
        }
        check(state != null && stat(state).equals(stat), "C2", asked, stat + ", not " + state);
        TreeSet<String> shown = new TreeSet<>();
        names.forEach(
                (array, offset, length) ->
                        shown.add(new String(array, offset, length, StandardCharsets.UTF_8)));
        Set<String> right = world.ledger.children(path, zxid);
        check(shown.equals(right), "C2", asked, "shows " + shown + ", not " + right);
    }
}

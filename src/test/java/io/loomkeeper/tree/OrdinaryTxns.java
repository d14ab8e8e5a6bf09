package io.loomkeeper.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Transactions at random as a leader makes them: each fits the state it is applied to. */
final class OrdinaryTxns {
    private static final List<String> NAMES = List.of("a", "b", "ü", "日本", "a-rather-longer-name");
    private static final List<List<Acl>> ACLS =
            List.of(
                    Acl.OPEN,
                    Acl.OPEN,
                    Acl.READ_ONLY,
                    List.of(new Acl(Acl.ALL, new AuthId("digest", "ü:x"))),
                    List.of(new Acl(3, new AuthId("ip", "10.0.0.1")), new Acl(1, AuthId.ANYONE)));

    private final Random random;
    private final ReferenceTree state;
    private long zxid;
    private long timeMs = 1_700_000_000_000L;

    OrdinaryTxns(Random random, ReferenceTree state) {
        this.random = random;
        this.state = state;
    }

    /** Applies one more to the state that decides, and to {@code tree}. */
    LoggedTxn next(DataTree tree) {
        long session = 1L + random.nextInt(4);
        zxid++;
        timeMs += random.nextInt(2000);
        TxnHeader header = new TxnHeader(session, random.nextInt(), zxid, timeMs);
        Txn txn = txn(session);
        state.apply(header, txn);
        tree.apply(header, txn);
        return new LoggedTxn(header, txn, null);
    }

    private Txn txn(long session) {
        if (!state.sessions.containsKey(session)) {
            return new Txn.CreateSessionTxn(4000 + random.nextInt(40_000));
        }
        String path = path();
        return switch (random.nextInt(12)) {
            case 0 -> new Txn.ErrorTxn(-101);
            case 1 -> new Txn.SetAclTxn(path, acl(), state.node(path).aversion() + 1);
            case 2, 3 -> new Txn.SetDataTxn(path, data(), state.node(path).version() + 1);
            case 4, 5, 6 -> deletion(path);
            case 7 -> close(session);
            default -> creation(path);
        };
    }

    private Txn close(long session) {
        return random.nextInt(3) == 0
                ? new Txn.CloseSessionTxn(List.copyOf(state.ephemeralsOf(session)))
                : creation(path());
    }

    private Txn deletion(String path) {
        return path.startsWith("/zookeeper") || path.equals("/") || !state.children(path).isEmpty()
                ? new Txn.ErrorTxn(-111)
                : new Txn.DeleteTxn(path, false);
    }

    private Txn creation(String parent) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        String path = parent.equals("/") ? "/" + name : parent + "/" + name;
        ReferenceTree.Node above = state.node(parent);
        if (path.startsWith("/zookeeper") || state.nodes.containsKey(path) || above.owner() > 0) {
            return new Txn.ErrorTxn(-110);
        }
        int cversion = above.cversion() + 1;
        return switch (random.nextInt(4)) {
            case 0 -> new Txn.CreateContainerTxn(path, data(), acl(), cversion);
            case 1 -> new Txn.CreateTxn(Op.CREATE, path, data(), acl(), true, cversion);
            case 2 -> new Txn.CreateTxn(Op.CREATE2, path, data(), acl(), false, cversion);
            default -> new Txn.CreateTxn(Op.CREATE, path, data(), acl(), false, cversion);
        };
    }

    /** Of a node that is there, not the root as a rule. */
    private String path() {
        List<String> all = new ArrayList<>(state.nodes.keySet());
        return all.get(random.nextInt(all.size()));
    }

    private List<Acl> acl() {
        return ACLS.get(random.nextInt(ACLS.size()));
    }

    private @Nullable Bytes data() {
        if (random.nextInt(5) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(40)];
        random.nextBytes(bytes);
        return Bytes.of(bytes);
    }
}

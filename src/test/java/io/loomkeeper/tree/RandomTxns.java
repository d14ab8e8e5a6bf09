package io.loomkeeper.tree;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Transactions at random, over few enough paths that they meet; also such as only replays have. */
final class RandomTxns {
    private static final List<String> NAMES =
            List.of("a", "b", "c", "ü", "日本", "😀", "a-rather-longer-name-of-thirty-bytes", "q");
    private static final List<List<Acl>> ACLS =
            List.of(
                    Acl.OPEN,
                    Acl.OPEN,
                    Acl.READ_ONLY,
                    List.of(),
                    List.of(new Acl(Acl.ALL, new AuthId("digest", "ü:x"))),
                    List.of(new Acl(-1, new AuthId(null, null)), new Acl(3, AuthId.ANYONE)));

    private final Random random;
    private final ReferenceTree state;
    private long zxid;
    private long timeMs = 1_700_000_000_000L;

    /** {@code state} is what transactions are chosen by: mostly they fit it. */
    RandomTxns(Random random, ReferenceTree state) {
        this.random = random;
        this.state = state;
        this.zxid = state.zxid;
    }

    TxnHeader header() {
        zxid += random.nextInt(50) == 0 ? 0 : 1 + random.nextInt(3);
        timeMs += random.nextInt(2000) - 10;
        return new TxnHeader(sessionId(), random.nextInt(), zxid, timeMs);
    }

    private long sessionId() {
        return switch (random.nextInt(5)) {
            case 0 -> 0x100000000000001L;
            case 1 -> 0x7f00000000000002L;
            case 2 -> 0x8100000000000003L;
            default -> 4L + random.nextInt(3);
        };
    }

    Txn txn() {
        return switch (random.nextInt(16)) {
            case 0 -> new Txn.CreateSessionTxn(1 + random.nextInt(40_000));
            case 1 -> new Txn.ErrorTxn(random.nextBoolean() ? -101 : -127 + random.nextInt(127));
            case 2 -> quotaTxn();
            case 3, 4 -> multi();
            case 5 -> new Txn.SetAclTxn(path(), acl(), random.nextInt(5));
            case 6 ->
                    random.nextInt(4) == 0
                            ? new Txn.CloseSessionTxn(random.nextBoolean() ? null : ephemerals())
                            : new Txn.ReconfigTxn("/zookeeper/config", data(), -1);
            default -> single();
        };
    }

    private Txn single() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> new Txn.DeleteTxn(existing(), random.nextBoolean());
            case 3, 4, 5 -> new Txn.SetDataTxn(path(), data(), version());
            case 6 -> {
                String path = newPath();
                yield new Txn.CreateContainerTxn(path, data(), acl(), parentCversion(path));
            }
            case 7 -> {
                String path = newPath();
                long ttlMs = 1L + random.nextInt(1_000_000);
                yield new Txn.CreateTtlTxn(path, data(), acl(), parentCversion(path), ttlMs);
            }
            case 8 -> new Txn.CheckTxn(path(), 1);
            default -> create(newPath());
        };
    }

    private Txn create(String path) {
        Op op = random.nextBoolean() ? Op.CREATE : Op.CREATE2;
        boolean ephemeral = random.nextInt(3) == 0;
        return new Txn.CreateTxn(op, path, data(), acl(), ephemeral, parentCversion(path));
    }

    private Txn multi() {
        List<Txn> txns = new ArrayList<>();
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            Txn txn = single();
            txns.add(random.nextInt(20) == 0 ? new Txn.ErrorTxn(-110) : txn);
        }
        return new Txn.MultiTxn(txns);
    }

    /** Builds limits and stats over what is there, or tears one of them down. */
    private Txn quotaTxn() {
        String target = existing();
        String top = "/zookeeper/quota" + (target.equals("/") ? "/a" : target);
        List<String> missing = new ArrayList<>();
        for (String path = top; !state.nodes.containsKey(path); path = ReferenceTree.parent(path)) {
            missing.addFirst(path);
        }
        missing.add(top + "/zookeeper_limits");
        missing.add(top + "/zookeeper_stats");
        missing.removeIf(state.nodes::containsKey);
        if (missing.isEmpty()) {
            boolean limits = random.nextBoolean();
            return new Txn.DeleteTxn(
                    top + (limits ? "/zookeeper_limits" : "/zookeeper_stats"), false);
        }
        Bytes text = Bytes.utf8("count=5,bytes=10=;countHardLimit=7");
        List<Txn> creates = new ArrayList<>();
        for (String path : missing) {
            creates.add(new Txn.CreateTxn(Op.CREATE, path, text, Acl.OPEN, false, -1));
        }
        return random.nextInt(4) == 0 ? creates.getFirst() : new Txn.MultiTxn(creates);
    }

    private List<String> ephemerals() {
        List<String> paths = new ArrayList<>();
        state.nodes.forEach(
                (path, node) -> {
                    if (state.isEphemeral(node.owner()) && random.nextInt(4) > 0) {
                        paths.add(path);
                    }
                });
        return paths;
    }

    private int parentCversion(String path) {
        ReferenceTree.Node parent = state.nodes.get(ReferenceTree.parent(path));
        int now = parent == null ? 0 : parent.cversion();
        return switch (random.nextInt(10)) {
            case 0 -> -1;
            case 1 -> Math.max(0, now - 1);
            case 2 -> now + 3;
            default -> now + 1;
        };
    }

    private int version() {
        return random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(4);
    }

    private String path() {
        return random.nextInt(10) == 0 ? newPath() : existing();
    }

    private String existing() {
        List<String> paths = new ArrayList<>(state.nodes.keySet());
        String path = paths.get(random.nextInt(paths.size()));
        return path.equals("/") || path.length() > 80 ? "/a" : path;
    }

    /** Not below an ephemeral: no leader makes such. */
    private String newPath() {
        String parent = random.nextInt(4) == 0 ? "/" : existing();
        ReferenceTree.Node above = state.nodes.get(parent);
        if (above != null && state.isEphemeral(above.owner())) {
            parent = "/";
        }
        String name = NAMES.get(random.nextInt(NAMES.size())) + suffix();
        return (parent.equals("/") ? "" : parent) + "/" + name;
    }

    private String suffix() {
        return random.nextInt(3) == 0 ? "" : Integer.toString(random.nextInt(30));
    }

    private List<Acl> acl() {
        return ACLS.get(random.nextInt(ACLS.size()));
    }

    private @Nullable Bytes data() {
        return switch (random.nextInt(5)) {
            case 0 -> null;
            case 1 -> Bytes.EMPTY;
            default -> Bytes.of("x".repeat(random.nextInt(40)).getBytes(StandardCharsets.UTF_8));
        };
    }
}

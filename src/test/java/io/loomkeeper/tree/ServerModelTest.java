package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of writes by several sessions, against {@link ServerModel}: answers, changes,
 * and the whole state after each; and the same state from the logged transactions alone (invariants
 * C2, C7, C11, C12, C13).
 */
final class ServerModelTest {
    private static final List<String> NAMES = List.of("a", "b", "a/a", "a/b", "a/a/a", "b/a", "c");
    private static final List<AuthId> JOE = List.of(Writing.ADDRESS, Writing.JOE);
    private static final List<AuthId> ANN =
            List.of(Writing.ADDRESS, new AuthId("digest", "ann:hash"));
    private static final List<List<Acl>> ACLS =
            List.of(
                    Acl.OPEN,
                    Acl.OPEN,
                    Acl.OPEN,
                    Acl.READ_ONLY,
                    List.of(new Acl(Acl.ALL, new AuthId("auth", ""))),
                    List.of(
                            new Acl(Acl.CREATE | Acl.READ, AuthId.ANYONE),
                            new Acl(Acl.ALL, Writing.JOE)),
                    List.of(),
                    List.of(new Acl(1, new AuthId("world", "nobody"))));

    @Test
    void randomHistoriesOfWritesEndAsTheModelSays() {
        for (int seed = 0; seed < 40; seed++) {
            new History(seed).run(1500);
        }
    }

    private static final class History {
        private final Random random;
        private final int seed;
        private final Writing real;
        private final ServerModel model;

        History(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
            boolean extendedTypes = seed % 4 != 0;
            real = new Writing(new TreeOptions(true, extendedTypes, false), Writing.PLAIN);
            model = new ServerModel(real.rules, extendedTypes);
            model.submit(new Request.CreateSession(10_000), Writing.caller(), 1, real.timeMs);
        }

        void run(int writes) {
            for (int i = 0; i < writes; i++) {
                Request.Write request = nextWrite();
                Preparer.Caller caller = nextCaller(request);
                Applied applied = real.submit(request, caller);
                Response expected = model.submit(request, caller, real.zxid, real.timeMs);
                String what = "seed " + seed + " write " + i + ": " + request;
                assertEquals(expected, applied.response(), what);
                assertEquals(inOrder(request, model.changes), inOrder(request, applied.changes()));
                if (i % 20 == 0) {
                    assertSameState(real.tree.head(), what);
                }
            }
            assertSameState(real.tree.head(), "seed " + seed);
            assertReplays();
        }

        /** The order in which a closing session's ephemerals go is nobody's promise. */
        private static List<Change> inOrder(Request.Write request, List<Change> changes) {
            List<Change> ordered = new ArrayList<>(changes);
            if (request instanceof Request.CloseSession) {
                ordered.sort(Comparator.comparing(Change::path));
            }
            return ordered;
        }

        private Preparer.Caller nextCaller(Request.Write request) {
            long session = Writing.SESSION + random.nextInt(3);
            boolean internal = request instanceof Request.DeleteContainer && random.nextInt(4) > 0;
            return new Preparer.Caller(session, 1, random.nextBoolean() ? JOE : ANN, internal);
        }

        private Request.Write nextWrite() {
            return switch (random.nextInt(40)) {
                case 0 -> new Request.CloseSession();
                case 1, 2 -> new Request.CreateSession(5000);
                case 3, 4 -> new Request.SetAcl(nextPath(), nextAcl(), nextVersion());
                case 5, 6, 7 -> new Request.DeleteContainer(nextPath());
                case 8 -> new Request.Malformed(KeeperError.MARSHALLING_ERROR);
                case 9 -> new Request.Check(nextPath(), nextVersion());
                case 10 -> new Request.Reconfig(null, null, null, -1);
                case 11, 12, 13, 14, 15, 16, 17, 18 -> nextMulti();
                default -> nextOp();
            };
        }

        private Request.Write nextMulti() {
            List<Request.Write> ops = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                ops.add(
                        random.nextInt(4) == 0
                                ? new Request.Check(nextPath(), nextVersion())
                                : nextOp());
            }
            return new Request.Multi(ops);
        }

        private Request.Write nextOp() {
            return switch (random.nextInt(9)) {
                case 0, 1 -> new Request.Delete(nextPath(), nextVersion());
                case 2, 3 -> new Request.SetData(nextPath(), nextData(), nextVersion());
                default -> nextCreate();
            };
        }

        private Request.Write nextCreate() {
            Op op =
                    List.of(Op.CREATE, Op.CREATE2, Op.CREATE2, Op.CREATE_CONTAINER, Op.CREATE_TTL)
                            .get(random.nextInt(5));
            int flags = random.nextInt(20) == 0 ? random.nextInt(9) - 1 : usualFlags(op);
            long ttlMs = op == Op.CREATE_TTL ? random.nextInt(4) : -1;
            return new Request.Create(op, nextPath(), nextData(), nextAcl(), flags, ttlMs);
        }

        private int usualFlags(Op op) {
            return switch (op) {
                case CREATE_CONTAINER -> 4;
                case CREATE_TTL -> 5 + random.nextInt(2);
                default -> random.nextInt(4);
            };
        }

        private String nextPath() {
            return switch (random.nextInt(60)) {
                case 0 -> "/";
                case 1 -> "/zookeeper/config";
                case 2 -> "/a/../b";
                case 3 -> "";
                case 4 -> "/a/";
                case 5 -> "a";
                default -> existingOrNew();
            };
        }

        /** Sequential names are found again only by looking. */
        private String existingOrNew() {
            if (random.nextInt(3) > 0) {
                return "/" + NAMES.get(random.nextInt(NAMES.size()));
            }
            List<String> all = new ArrayList<>(model.nodes.keySet());
            return all.get(random.nextInt(all.size()));
        }

        private int nextVersion() {
            return random.nextInt(3) > 0 ? -1 : random.nextInt(3);
        }

        private @Nullable Bytes nextData() {
            return switch (random.nextInt(4)) {
                case 0 -> null;
                case 1 -> Bytes.EMPTY;
                default -> Bytes.of(new byte[random.nextInt(30)]);
            };
        }

        private List<Acl> nextAcl() {
            return ACLS.get(random.nextInt(ACLS.size()));
        }

        private void assertSameState(TreeVersion version, String what) {
            for (String path : model.nodes.keySet()) {
                ServerModel.Node expected = model.nodes.get(path);
                NodeView actual = version.node(path);
                assertNotNull(expected);
                assertNotNull(actual, path);
                assertEquals(expected.stat(), actual.stat(), () -> path + " after " + what);
                assertEquals(expected.data, actual.data(), path);
                assertEquals(expected.acl, actual.acl(), path);
                assertEquals(expected.cversion, actual.cversion(), path);
                assertEquals(expected.children, names(actual.children()), path);
            }
            assertEquals(model.nodes.size() - 1, version.descendants("/"));
            for (long session = Writing.SESSION; session < Writing.SESSION + 3; session++) {
                assertEquals(model.sessions.contains(session), version.hasSession(session));
            }
        }

        private static Set<String> names(ChildNames children) {
            Set<String> names = new TreeSet<>();
            children.forEach(
                    (array, offset, length) ->
                            names.add(new String(array, offset, length, StandardCharsets.UTF_8)));
            return names;
        }

        /** What followers and restarts do: the transactions alone give the same tree. */
        private void assertReplays() {
            DataTree replica = new DataTree(real.treeOptions);
            for (Applied applied : real.log) {
                Applied again = replica.apply(applied.header(), applied.txn());
                assertEquals(applied.response(), again.response());
                assertEquals(applied.changes(), again.changes());
            }
            assertEquals(real.tree.head().digest(), replica.head().digest());
            assertEquals(real.tree.head().zxid(), replica.head().zxid());
            assertEquals(real.tree.head().dataBytes(), replica.head().dataBytes());
            assertSameState(replica.head(), "replay of seed " + seed);
            assertNull(replica.head().node("/none"));
        }
    }
}

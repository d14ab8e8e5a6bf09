package io.loomkeeper.jmh;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.logging.LogManager;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;

/**
 * Heap bytes per znode beyond path and data, in Loomkeeper's tree and in Apache ZooKeeper's, for a
 * million znodes of three shapes.
 *
 * <pre>
 *   flat 100 B    1000 parents of 1000 children, paths of 36 characters, 100 bytes of data
 *   flat 0 B      the same without data
 *   production    paths of 115 characters on average, 47 bytes of data on average, none in 43 %,
 *                 a tenth of all znodes below one parent
 * </pre>
 *
 * <p>"Beyond both" is the heap less path and data, each znode's whole path; it can be less than
 * nothing where a tree stores but the last component.
 *
 * <p>Bytes are those of live objects, summed by the JVM's own class histogram after a full
 * collection, so that neither a collector's slack nor its page size counts.
 *
 * <p>{@code java @config/jvm.options -Xmx3g -cp jmh/target/benchmarks.jar
 * io.loomkeeper.jmh.ZnodeMemory}
 */
public final class ZnodeMemory {
    private static final int ZNODES = 1_000_000;

    /** Apache's count of a fresh tree. */
    private static final int FRESH = 5;

    private static final long TIME_MS = 1_800_000_000_000L;

    /** Takes one znode; parents come before their children. */
    private interface Znodes {
        void add(String path, byte[] data);
    }

    /** Hands all znodes of one shape over. */
    private interface Shape {
        void buildTo(Znodes znodes);
    }

    /** What a tree was filled with. */
    private static final class Tally implements Znodes {
        private final Znodes next;
        private long znodes;
        private long pathBytes;
        private long contentBytes;

        Tally(Znodes next) {
            this.next = next;
        }

        @Override
        public void add(String path, byte[] data) {
            znodes++;
            pathBytes += path.length();
            contentBytes += data.length;
            next.add(path, data);
        }
    }

    private ZnodeMemory() {}

    /** Builds and measures each shape in each tree; takes no arguments. */
    public static void main(String[] args) throws JMException {
        LogManager.getLogManager().reset();
        IO.println(
                "%-12s %-12s %9s %10s %10s %12s %12s"
                        .formatted(
                                "shape",
                                "tree",
                                "znodes",
                                "mean path",
                                "mean data",
                                "heap B/znode",
                                "beyond both"));
        measure("flat 100 B", znodes -> flat(znodes, 100));
        measure("flat 0 B", znodes -> flat(znodes, 0));
        measure("production", ZnodeMemory::production);
    }

    private static void measure(String name, Shape shape) throws JMException {
        DataTree ours = new DataTree(TreeOptions.DEFAULT);
        long filled = report(name, "Loomkeeper", shape, into(ours));
        check(ours.head().nodeCount() == filled + FRESH);
        var apaches = new org.apache.zookeeper.server.DataTree();
        filled = report(name, "Apache", shape, into(apaches));
        check(apaches.getNodeCount() == filled + FRESH);
    }

    private static void check(boolean complete) {
        if (!complete) {
            throw new IllegalStateException("znodes were lost");
        }
    }

    /** Fills the tree and prints what it grew by; returns the number of znodes. */
    private static long report(String name, String tree, Shape shape, Znodes target)
            throws JMException {
        long before = liveBytes();
        Tally tally = new Tally(target);
        shape.buildTo(tally);
        long grown = liveBytes() - before;
        double beyond = grown - tally.pathBytes - tally.contentBytes;
        IO.println(
                "%-12s %-12s %9d %10.1f %10.1f %12.1f %12.1f"
                        .formatted(
                                name,
                                tree,
                                tally.znodes,
                                (double) tally.pathBytes / tally.znodes,
                                (double) tally.contentBytes / tally.znodes,
                                (double) grown / tally.znodes,
                                beyond / tally.znodes));
        return tally.znodes;
    }

    private static Znodes into(DataTree tree) {
        long[] zxid = {0};
        return (path, data) -> {
            zxid[0]++;
            tree.apply(
                    new TxnHeader(1, 1, zxid[0], TIME_MS + zxid[0] / 10),
                    new Txn.CreateTxn(Op.CREATE, path, Bytes.of(data), Acl.OPEN, false, -1));
            if (zxid[0] % 100 == 0) {
                tree.seal();
            }
        };
    }

    private static Znodes into(org.apache.zookeeper.server.DataTree tree) {
        long[] zxid = {0};
        return (path, data) -> {
            zxid[0]++;
            try {
                long timeMs = TIME_MS + zxid[0] / 10;
                tree.createNode(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, 0, -1, zxid[0], timeMs);
            } catch (KeeperException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private static void flat(Znodes znodes, int dataBytes) {
        znodes.add("/bench", new byte[dataBytes]);
        for (int parent = 0; parent < 1000; parent++) {
            String path = "/bench/parent-%06d".formatted(parent);
            znodes.add(path, new byte[dataBytes]);
            for (int child = 0; child < 999; child++) {
                znodes.add(path + "/node-%010d".formatted(child), new byte[dataBytes]);
            }
        }
    }

    /** Tables with a few directories each and parts in them; names as a column store makes them. */
    private static void production(Znodes znodes) {
        Random random = new Random(42);
        znodes.add("/store", new byte[0]);
        znodes.add("/store/tables", new byte[0]);
        znodes.add("/store/log", new byte[0]);
        for (int i = 0; i < ZNODES / 10; i++) {
            znodes.add("/store/log/" + padded("entry-%018d".formatted(i), 24), content(random));
        }
        for (int table = 0; table < 9 * ZNODES / 980; table++) {
            String path = "/store/tables/" + padded("%08x-uuid-%08x".formatted(table, ~table), 38);
            znodes.add(path, content(random));
            String shard = path + padded("/shard-%02d".formatted(table % 7), 25);
            znodes.add(shard, content(random));
            for (int directory = 0; directory < 4; directory++) {
                String parts = shard + padded("/replica-parts-%d".formatted(directory), 24);
                znodes.add(parts, content(random));
                for (int part = 0; part < 23; part++) {
                    String name = padded("202611%02d_%05d_%d".formatted(part, part * 7, 2), 24);
                    znodes.add(parts + "/" + name, content(random));
                }
            }
        }
    }

    private static String padded(String name, int length) {
        return name + "x".repeat(Math.max(0, length - name.length()));
    }

    private static byte[] content(Random random) {
        return new byte[random.nextInt(100) < 43 ? 0 : 1 + random.nextInt(164)];
    }

    private static long liveBytes() throws JMException {
        String histogram =
                (String)
                        ManagementFactory.getPlatformMBeanServer()
                                .invoke(
                                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                        "gcClassHistogram",
                                        new Object[] {new String[0]},
                                        new String[] {String[].class.getName()});
        String total = histogram.substring(histogram.lastIndexOf("Total"));
        return Long.parseLong(total.trim().split("\\s+", -1)[2]);
    }
}

package io.loomkeeper.jmh;

import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.ResponseCodec;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnHeader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.ExpandableArrayBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One reply or notification made into the bytes of its frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class ResponseCodecBenchmark {
    private static final String PARENT = "/bench";
    private static final String NODE = PARENT + "/node-0000";

    /** Bytes of the data that getData answers. */
    @Param("100")
    public int valueBytes;

    /** Names that getChildren answers. */
    @Param("1000")
    public int children;

    private final JuteOutput out = new JuteOutput(new ExpandableArrayBuffer(1 << 16));
    private Response stat;
    private Response data;
    private Response names;
    private long zxid;

    /** Makes the nodes and reads them as the server does. */
    @Setup
    public void read() {
        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        create(tree, PARENT);
        for (int i = 0; i < children; i++) {
            create(tree, PARENT + "/node-%04d".formatted(i));
        }
        Reads reads = new Reads(new AclRules(AuthOptions.DEFAULT), Long.MAX_VALUE);
        List<AuthId> ids = List.of(AuthId.ANYONE);
        stat = reads.read(tree.seal(), new Request.Exists(NODE, false), 1, ids);
        data = reads.read(tree.seal(), new Request.GetData(NODE, false), 1, ids);
        names = reads.read(tree.seal(), new Request.GetChildren(PARENT, false, false), 1, ids);
    }

    private void create(DataTree tree, String path) {
        zxid++;
        Bytes value = Bytes.of(new byte[valueBytes]);
        tree.apply(
                new TxnHeader(1, 1, zxid, 1_800_000_000_000L),
                new Txn.CreateTxn(Op.CREATE, path, value, Acl.OPEN, false, -1));
    }

    private int encoded(Response response) {
        out.position(0);
        ResponseCodec.encodeReply(1, zxid, response, out);
        return out.position();
    }

    /** Also what setData answers: a Stat. */
    @Benchmark
    public int exists() {
        return encoded(stat);
    }

    @Benchmark
    public int getData() {
        return encoded(data);
    }

    @Benchmark
    public int getChildren() {
        return encoded(names);
    }

    @Benchmark
    public int event() {
        out.position(0);
        ResponseCodec.encodeEvent(zxid, EventType.NODE_DATA_CHANGED, NODE, out);
        return out.position();
    }
}

package io.loomkeeper.jmh;

import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
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

/** The bytes of one request, as they lie in the ring, decoded. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class RequestCodecBenchmark {
    private static final String PATH = "/bench/parent-0001/node-0001";
    private static final int OPS_PER_MULTI = 10;

    /** Bytes of data in what writes data. */
    @Param({"100", "1024"})
    public int valueBytes;

    private final JuteInput in = new JuteInput();
    private DirectBuffer setData;
    private DirectBuffer create;
    private DirectBuffer getData;
    private DirectBuffer multi;

    @Setup
    public void encode() {
        Bytes value = Bytes.of(new byte[valueBytes]);
        Request.Write set = new Request.SetData(PATH, value, -1);
        setData = body(set);
        create = body(new Request.Create(Op.CREATE, PATH, value, Acl.OPEN, 0, -1));
        getData = body(new Request.GetData(PATH, false));
        multi = body(new Request.Multi(Collections.nCopies(OPS_PER_MULTI, set)));
    }

    /** The frame without length and header, off-heap as in the ring. */
    private static DirectBuffer body(Request request) {
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        JuteOutput out = new JuteOutput(buffer);
        RequestCodec.encode(1, request, out);
        int start = Integer.BYTES + RequestCodec.HEADER_BYTES;
        int length = out.position() - start;
        UnsafeBuffer body = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
        body.putBytes(0, buffer, start, length);
        return body;
    }

    private Request decode(Op op, DirectBuffer body) throws MalformedException {
        in.wrap(body, 0, body.capacity());
        return RequestCodec.decode(op, in);
    }

    @Benchmark
    public Request setData() throws MalformedException {
        return decode(Op.SET_DATA, setData);
    }

    @Benchmark
    public Request create() throws MalformedException {
        return decode(Op.CREATE, create);
    }

    @Benchmark
    public Request getData() throws MalformedException {
        return decode(Op.GET_DATA, getData);
    }

    /** Ten setData in one. */
    @Benchmark
    public Request multi() throws MalformedException {
        return decode(Op.MULTI, multi);
    }
}

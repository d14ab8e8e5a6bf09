package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.Op;
import io.loomkeeper.zab.Peer;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;

/**
 * The pipeline thread's duty cycle: time, then what storage has done, then a run of messages from
 * the ring, then the end of the batch.
 */
final class PipelineAgent implements Agent, RequestRing.Receiver {
    /**
     * A version is sealed and published once a run: short enough that replies do not wait for the
     * run.
     */
    private static final int RUN_LENGTH = 256;

    private final RequestRing ring;
    private final Pipeline pipeline;
    private final TickClock clock;
    private final List<Ticked> ticked;
    private final RunEnd runEnd;
    private final PublishedState published;
    private final Spectator spectator;
    private final JuteInput in = new JuteInput();

    /** Something beside the pipeline that lets time pass. */
    interface Ticked {
        void onTick(long nowMs, long wallMs);
    }

    /** What a run leaves for others, in the order in which they get it. */
    interface RunEnd {
        /** Messages to other servers leave: theirs is the longest way. */
        void sendMessages();

        /**
         * What was appended goes to disk.
         *
         * @param idle whether nothing else waits for the pipeline thread
         */
        void flushLog(boolean idle);
    }

    /** Looks on: an implementation notes something and returns. */
    interface Spectator {
        Spectator NONE = new Spectator() {};

        /** A frame that came then is out of the ring. */
        default void onTaken(long receivedNs) {}

        /** What there was to do is done. */
        default void onBatchEnd(Peer peer, PublishedState.Standing standing, long nowMs) {}
    }

    PipelineAgent(
            RequestRing ring,
            Pipeline pipeline,
            PublishedState published,
            TickClock clock,
            List<Ticked> ticked,
            RunEnd runEnd,
            Spectator spectator) {
        this.ring = ring;
        this.pipeline = pipeline;
        this.published = published;
        this.clock = clock;
        this.ticked = List.copyOf(ticked);
        this.runEnd = runEnd;
        this.spectator = spectator;
    }

    @Override
    public int doWork() {
        int work = 0;
        maybeTick();
        long durable = ring.takeDurable();
        if (durable >= 0) {
            pipeline.onDurable(durable);
            work++;
        }
        work += ring.drainReports(pipeline);
        work += ring.drain(this, RUN_LENGTH);
        runEnd.sendMessages();
        pipeline.endBatch();
        spectator.onBatchEnd(pipeline.peer(), published.standing(), clock.nowMs());
        runEnd.flushLog(ring.isEmpty());
        return work;
    }

    private void maybeTick() {
        if (!clock.advance()) {
            return;
        }
        for (Ticked other : ticked) {
            other.onTick(clock.nowMs(), clock.wallMs());
        }
        pipeline.onTick(clock.nowMs(), clock.wallMs());
    }

    @Override
    public String roleName() {
        return "pipeline";
    }

    /**
     * Asked before each message. Rule E6: a leader that stood still in the midst of a run learns of
     * it before it answers what came meanwhile.
     */
    @Override
    public boolean ready() {
        maybeTick();
        return pipeline.ready();
    }

    @Override
    public void onConnect(ClientLink from, DirectBuffer frame, int offset, int length) {
        in.wrap(frame, offset, length);
        try {
            pipeline.onConnect(from, Handshake.decodeRequest(in));
        } catch (MalformedException e) {
            from.close();
        }
    }

    @Override
    public void onFrame(
            long connectionId, long receivedNs, DirectBuffer frame, int offset, int length) {
        spectator.onTaken(receivedNs);
        Op op = Op.ofCode(RequestCodec.opCode(frame, offset));
        assert op != null : "the connection lets known operations through only";
        int header = RequestCodec.HEADER_BYTES;
        Asked asked = new Asked(op, RequestCodec.xid(frame, offset), receivedNs);
        pipeline.onRequest(connectionId, asked, frame, offset + header, length - header);
    }

    @Override
    public void onClosed(long connectionId) {
        pipeline.onClosed(connectionId);
    }

    @Override
    public void onTask(Runnable task) {
        task.run();
    }

    @Override
    public void onPeer(Consumer<Peer> message) {
        message.accept(pipeline.peer());
    }
}

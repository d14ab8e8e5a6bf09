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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(PipelineAgent.class);

    private final RequestRing ring;
    private final Pipeline pipeline;
    private final TickClock clock;
    private final List<Ticked> ticked;
    private final Runnable endOfRun;
    private final PublishedState published;
    private final JuteInput in = new JuteInput();
    private PublishedState.Standing told = PublishedState.Standing.ABSENT;

    /** Something beside the pipeline that lets time pass. */
    interface Ticked {
        void onTick(long nowMs, long wallMs);
    }

    PipelineAgent(
            RequestRing ring,
            Pipeline pipeline,
            PublishedState published,
            TickClock clock,
            List<Ticked> ticked,
            Runnable endOfRun) {
        this.ring = ring;
        this.pipeline = pipeline;
        this.published = published;
        this.clock = clock;
        this.ticked = List.copyOf(ticked);
        this.endOfRun = endOfRun;
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
        endOfRun.run();
        pipeline.endBatch();
        PublishedState.Standing standing = published.standing();
        if (!standing.equals(told) && !standing.mode().equals("standalone")) {
            tell(standing);
        }
        return work;
    }

    /** One line for each change of this server's part in the ensemble. */
    private void tell(PublishedState.Standing standing) {
        told = standing;
        Peer.Probe probe = pipeline.peer().probe();
        if (standing.serves()) {
            LOG.info(
                    "serving as {} in epoch {}, from 0x{}; the leader is server {}",
                    standing.mode(),
                    probe.epoch(),
                    Long.toHexString(probe.lastApplied()),
                    probe.leader());
        } else {
            LOG.info("not serving: {}", probe.reason());
        }
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

package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.ClientLink;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Reconfigurations;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.StateMachine;
import java.util.Objects;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One server's pipeline for somebody in another package who plays its thread, its connections, its
 * storage and its clock. Each call is one that {@link PipelineAgent} makes.
 */
public final class DrivenPipeline {
    private final Pipeline pipeline;
    private final PublishedState published;
    private final DataTree tree;
    private final Reads reads;
    private final Watches watches = new Watches(1);

    /**
     * What differs from server to server and from start to start.
     *
     * @param startMs the wall clock at the start, from which session ids are made
     * @param strictSync of a leader
     * @param members null when they never change
     */
    public record Traits(
            int serverId,
            long startMs,
            int tickMs,
            int timeoutMinMs,
            int timeoutMaxMs,
            boolean strictSync,
            @Nullable DrivenMemberships members) {}

    /** Makes the peer whose state machine the pipeline is. */
    public interface PeerMaker {
        Peer make(StateMachine pipeline);
    }

    /**
     * @param onPublished gets each version that is published
     */
    public DrivenPipeline(
            DataTree tree, Traits traits, PeerMaker peers, Consumer<TreeVersion> onPublished) {
        this.tree = tree;
        AclRules rules = new AclRules(AuthOptions.DEFAULT);
        this.reads = new Reads(rules, 1 << 20);
        this.published = new PublishedState(tree.seal());
        DrivenMemberships members = traits.members;
        Preparer.Options preparing = new Preparer.Options(false, members != null, 1 << 20, 0);
        this.pipeline =
                new Pipeline(
                        new Pipeline.Parts(
                                tree,
                                new Preparer(
                                        tree,
                                        rules,
                                        preparing,
                                        _ -> {},
                                        members == null
                                                ? Reconfigurations.none()
                                                : members.rules(this::peer)),
                                reads,
                                watches,
                                rules,
                                published,
                                new Sessions(traits.tickMs),
                                new SessionIds(traits.serverId, traits.startMs),
                                new DigestHistory()),
                        new Pipeline.Options(
                                traits.timeoutMinMs,
                                traits.timeoutMaxMs,
                                true,
                                true,
                                traits.strictSync),
                        peers::make,
                        (version, _, _) -> onPublished.accept(version));
    }

    private Peer peer() {
        return pipeline.peer();
    }

    public boolean ready() {
        return pipeline.ready();
    }

    public void onTick(long nowMs, long wallMs) {
        pipeline.onTick(nowMs, wallMs);
    }

    public void onConnect(ClientLink link, ConnectRequest request) {
        pipeline.onConnect(link, request);
    }

    /** A frame without its length. */
    public void onFrame(long connectionId, DirectBuffer frame, int offset, int length) {
        Op op = Objects.requireNonNull(Op.ofCode(RequestCodec.opCode(frame, offset)));
        int header = RequestCodec.HEADER_BYTES;
        Asked asked = new Asked(op, RequestCodec.xid(frame, offset), 0);
        pipeline.onRequest(connectionId, asked, frame, offset + header, length - header);
    }

    public void onClosed(long connectionId) {
        pipeline.onClosed(connectionId);
    }

    public void onDurable(long zxid) {
        pipeline.onDurable(zxid);
    }

    public void onTruncated(long zxid, @Nullable TreeVersion state) {
        pipeline.onTruncated(zxid, state);
    }

    public void onInstalled(TreeVersion state) {
        pipeline.onInstalled(state);
    }

    public void endBatch() {
        pipeline.endBatch();
    }

    public TreeVersion head() {
        return tree.head();
    }

    public TreeVersion published() {
        return published.version();
    }

    /** What a connection's own thread answers from {@code version}. */
    public Response read(TreeVersion version, Request.Read request, ClientLink link) {
        return reads.read(version, request, link.sessionId(), link.identities());
    }

    /** How many watches there are. */
    public int watches() {
        return watches.count();
    }
}

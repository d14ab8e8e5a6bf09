package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.Asked;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.AuthOptions;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Preparer;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Watches;
import io.loomkeeper.zab.EpochStore;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import io.loomkeeper.zab.Links;
import io.loomkeeper.zab.Majority;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.Peer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A few pipelines that are one ensemble, in one thread, on a network and disks that are perfect and
 * have no delay; a server can be cut off. Time passes when there is nothing else to do.
 */
final class SmallEnsemble {
    static final int TIMEOUT_MS = 4_000;
    private static final int TICK_MS = 1_000;
    private static final int STEP_MS = 20;
    private static final int HEADER_BYTES = Integer.BYTES + RequestCodec.HEADER_BYTES;

    final TreeMap<Long, Server> servers = new TreeMap<>();
    private final boolean strictSync;
    private final Membership membership;
    private final ArrayDeque<Runnable> network = new ArrayDeque<>();
    private final Map<Long, long[]> ends = new TreeMap<>();
    private final TreeSet<Long> cutOff = new TreeSet<>();
    private long nextLink = 1;
    private long nextConnection = 1;
    private int xid;
    long nowMs;

    SmallEnsemble(int voters, long... observers) {
        this(false, voters, observers);
    }

    SmallEnsemble(boolean strictSync, int voters, long... observers) {
        this.strictSync = strictSync;
        TreeSet<Long> voting = new TreeSet<>();
        for (long sid = 1; sid <= voters; sid++) {
            voting.add(sid);
        }
        TreeSet<Long> watching = new TreeSet<>();
        for (long sid : observers) {
            watching.add(sid);
        }
        membership = new Membership(new Majority(voting), watching, 0, "version=0");
        voting.forEach(sid -> servers.put(sid, new Server(sid)));
        watching.forEach(sid -> servers.put(sid, new Server(sid)));
        until(() -> servers.values().stream().allMatch(server -> server.serves()));
    }

    Server leader() {
        return servers.values().stream()
                .filter(server -> server.pipeline.isLeading() && server.serves())
                .findFirst()
                .orElseThrow();
    }

    /** One that does not lead; the lowest but {@code skipped}. */
    Server learner(int skipped) {
        return servers.values().stream()
                .filter(server -> server.serves() && !server.pipeline.isLeading())
                .skip(skipped)
                .findFirst()
                .orElseThrow();
    }

    /** Nothing comes to the server or from it any more. */
    void cutOff(Server server) {
        cutOff.add(server.sid);
        for (Map.Entry<Long, long[]> link : Map.copyOf(ends).entrySet()) {
            if (link.getValue()[0] == server.sid || link.getValue()[1] == server.sid) {
                ends.remove(link.getKey());
                for (long end : link.getValue()) {
                    at(end, peer -> peer.onLinkDown(link.getKey()));
                }
            }
        }
    }

    /** Lets all that is under way arrive, and no time pass. */
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (Runnable next = network.poll(); next != null; next = network.poll()) {
                next.run();
                busy = true;
            }
            for (Server server : servers.values()) {
                busy |= server.flush();
            }
        }
    }

    void pass(long ms) {
        long endMs = nowMs + ms;
        while (nowMs < endMs) {
            nowMs += STEP_MS;
            servers.values().forEach(server -> server.pipeline.onTick(nowMs, nowMs));
            settle();
        }
    }

    void until(BooleanSupplier condition) {
        long endMs = nowMs + 120_000;
        while (!condition.getAsBoolean()) {
            assertTrue(nowMs < endMs, "not reached");
            pass(STEP_MS);
        }
    }

    private void at(long sid, Consumer<Peer> message) {
        Server server = requireNonNull(servers.get(sid));
        network.add(() -> message.accept(server.pipeline.peer()));
    }

    private boolean reaches(long from, long to) {
        return !cutOff.contains(from) && !cutOff.contains(to);
    }

    /** One server; its journal is durable at the next flush, its epochs at once. */
    final class Server implements Journal, EpochStore, Links {
        final long sid;
        final Pipeline pipeline;
        final PublishedState published;
        final Sessions sessions = new Sessions(TICK_MS);
        private final List<Long> history = new ArrayList<>(List.of(0L));
        private int accepted;
        private int current;
        private long reported;

        Server(long sid) {
            this.sid = sid;
            DataTree tree = new DataTree(TreeOptions.DEFAULT);
            AclRules aclRules = new AclRules(AuthOptions.DEFAULT);
            this.published = new PublishedState(tree.seal());
            Peer.Settings settings =
                    new Peer.Settings(
                            sid,
                            membership,
                            !membership.isVoter(sid),
                            new Peer.Timing(TICK_MS, 10, 5));
            this.pipeline =
                    new Pipeline(
                            new Pipeline.Parts(
                                    tree,
                                    new Preparer(
                                            tree,
                                            aclRules,
                                            new Preparer.Options(false, false, 1 << 20, 0)),
                                    new Reads(aclRules, Long.MAX_VALUE),
                                    new Watches(1),
                                    aclRules,
                                    published,
                                    sessions,
                                    new SessionIds((int) sid, 1_000),
                                    new DigestHistory()),
                            new Pipeline.Options(TIMEOUT_MS, TIMEOUT_MS, true, true, strictSync),
                            stateMachine ->
                                    new Peer(
                                            settings,
                                            new Peer.Ports(this, this, stateMachine, this),
                                            new Peer.Recovered(0, List.of())),
                            (_, _, _) -> {});
        }

        boolean serves() {
            return published.standing().serves();
        }

        private boolean flush() {
            pipeline.endBatch();
            if (history.getLast() == reported) {
                return false;
            }
            reported = history.getLast();
            pipeline.onDurable(reported);
            return true;
        }

        FakeLink connect() {
            FakeLink link = handshake(0, null);
            settle();
            return link;
        }

        /** The client of {@code before} comes here. */
        FakeLink renew(FakeLink before) {
            FakeLink link = handshake(before.sessionId(), before);
            settle();
            return link;
        }

        private FakeLink handshake(long sessionId, @Nullable FakeLink before) {
            FakeLink link = new FakeLink(nextConnection++);
            link.heardMs = nowMs;
            pipeline.onConnect(
                    link,
                    new ConnectRequest(
                            0,
                            TIMEOUT_MS,
                            sessionId,
                            before == null ? null : before.connected.passwd(),
                            false));
            return link;
        }

        /** Sends a request as a client does; nothing arrives anywhere yet. */
        void ask(FakeLink link, Request request) {
            link.heardMs = nowMs;
            ExpandableArrayBuffer frame = new ExpandableArrayBuffer();
            JuteOutput out = new JuteOutput(frame);
            RequestCodec.encode(++xid, request, out);
            pipeline.onRequest(
                    link.id(),
                    new Asked(RequestCodec.opOf(request), xid, 0),
                    frame,
                    HEADER_BYTES,
                    out.position() - HEADER_BYTES);
        }

        TreeVersion version() {
            return published.version();
        }

        // Journal

        @Override
        public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
            history.add(zxid);
            return true;
        }

        @Override
        public long lastAppended() {
            return history.getLast();
        }

        @Override
        public void truncate(long zxid) {
            history.removeIf(each -> each > zxid);
            reported = zxid;
            network.add(() -> pipeline.onTruncated(zxid, null));
        }

        @Override
        public void install(Image image) {
            history.clear();
            history.add(image.zxid());
            reported = image.zxid();
            network.add(() -> pipeline.onInstalled(((TreeImage) image).version()));
        }

        @Override
        public void locate(long link, long zxid) {
            long floor = history.stream().filter(each -> each <= zxid).reduce(-1L, Math::max);
            at(sid, peer -> peer.onLocated(link, floor));
        }

        // EpochStore

        @Override
        public int accepted() {
            return accepted;
        }

        @Override
        public int current() {
            return current;
        }

        @Override
        public void accept(int epoch) {
            accepted = epoch;
        }

        @Override
        public void establish(int epoch) {
            current = epoch;
        }

        // Links

        @Override
        public void notify(long to, Notification notification) {
            if (reaches(sid, to)) {
                at(to, peer -> peer.onNotification(sid, notification));
            }
        }

        @Override
        public long dial(long to) {
            long link = nextLink++;
            if (reaches(sid, to)) {
                ends.put(link, new long[] {sid, to});
                at(to, peer -> peer.onAccepted(link));
                at(sid, peer -> peer.onLinkUp(link));
            } else {
                at(sid, peer -> peer.onLinkDown(link));
            }
            return link;
        }

        @Override
        public void send(long link, Message message) {
            long[] both = ends.get(link);
            if (both != null) {
                long to = both[0] == sid ? both[1] : both[0];
                at(to, peer -> peer.onMessage(link, message));
            }
        }

        @Override
        public void sendHistory(long link, long afterZxid, long lastZxid) {
            throw new UnsupportedOperationException("the cache in memory is enough here");
        }

        @Override
        public void close(long link) {
            long[] both = ends.remove(link);
            if (both != null) {
                long to = both[0] == sid ? both[1] : both[0];
                at(to, peer -> peer.onLinkDown(link));
            }
        }
    }
}

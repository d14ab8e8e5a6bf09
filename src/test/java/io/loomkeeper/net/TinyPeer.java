package io.loomkeeper.net;

import io.loomkeeper.net.wire.HostPort;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.zab.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The links of one server on the loopback, and all that they reported. */
final class TinyPeer implements AutoCloseable {
    static final PeerOptions.Timeouts PATIENT =
            new PeerOptions.Timeouts(5000, 5000, 10_000, 10_000);
    private static final HostPort ANY = new HostPort("127.0.0.1", 0);

    final long sid;
    final PeerEvents events = new PeerEvents();
    final AtomicReference<Throwable> fatal = new AtomicReference<>();
    final Queues meter = new Queues();
    final PeerLinks links;

    /** What waited for learners, as it was told. */
    static final class Queues implements PeerPorts.Meter {
        final Map<Long, Integer> drained = new ConcurrentHashMap<>();
        final Map<Long, Integer> waited = new ConcurrentHashMap<>();

        @Override
        public void onDrained(long sid, int waiting) {
            drained.merge(sid, 1, Integer::sum);
        }

        @Override
        public void onWaited(long sid, long ns) {
            waited.merge(sid, 1, Integer::sum);
        }
    }

    TinyPeer(long sid) {
        this(sid, PATIENT, PeerOptions.Limits.DEFAULT);
    }

    TinyPeer(long sid, PeerOptions.Timeouts timeouts, PeerOptions.Limits limits) {
        this(sid, timeouts, limits, null);
    }

    TinyPeer(
            long sid,
            PeerOptions.Timeouts timeouts,
            PeerOptions.Limits limits,
            @Nullable PeerTls tls) {
        this.sid = sid;
        PeerOptions options =
                new PeerOptions(
                        sid,
                        timeouts,
                        limits,
                        PeerOptions.Sockets.DEFAULT,
                        TreeOptions.DEFAULT,
                        tls,
                        null);
        PeerPorts ports = new PeerPorts(events, TinyPeer::history, meter, fatal::set);
        links =
                new PeerLinks(
                        options, ports, Map.of(sid, new ServerAddress(List.of(ANY), List.of(ANY))));
        try {
            links.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A history in which the transaction of each zxid is its last byte, three times. */
    private static void history(long afterZxid, long lastZxid, HistorySource.Visitor visitor)
            throws IOException {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[5]);
        for (long zxid = afterZxid + 1; zxid <= lastZxid; zxid++) {
            buffer.setMemory(1, 3, (byte) zxid);
            visitor.onTxn(zxid, buffer, 1, 3);
        }
    }

    HostPort quorumAddress() {
        return new HostPort("127.0.0.1", links.quorumAddresses().getFirst().getPort());
    }

    HostPort electionAddress() {
        return new HostPort("127.0.0.1", links.electionAddresses().getFirst().getPort());
    }

    ServerAddress address() {
        return new ServerAddress(List.of(quorumAddress()), List.of(electionAddress()));
    }

    /** Makes them one ensemble. */
    static void introduce(TinyPeer... peers) {
        Map<Long, ServerAddress> members = new TreeMap<>();
        for (TinyPeer peer : peers) {
            members.put(peer.sid, peer.address());
        }
        for (TinyPeer peer : peers) {
            peer.links.members(members);
        }
    }

    @Override
    public void close() {
        links.close();
        Throwable ended = fatal.get();
        if (ended != null) {
            throw new AssertionError("a thread ended", ended);
        }
    }

    /** Sends it as a run of its own. */
    void send(long link, Message message) {
        links.send(link, message);
        links.flush();
    }
}

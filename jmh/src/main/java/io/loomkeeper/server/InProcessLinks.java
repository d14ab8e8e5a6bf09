package io.loomkeeper.server;

import io.loomkeeper.net.PeerSink;
import io.loomkeeper.zab.Links;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One server's links to the others of its process: a message is handed to the other's ring as it
 * is, without bytes or sockets between.
 */
final class InProcessLinks implements Links {
    private final long sid;
    private final Network network;

    /** What the servers of one ensemble share. */
    static final class Network {
        private final Map<Long, PeerSink> servers = new ConcurrentHashMap<>();
        private final Map<Long, Ends> ends = new ConcurrentHashMap<>();
        private final AtomicLong lastLink = new AtomicLong();

        void add(long sid, PeerSink sink) {
            servers.put(sid, sink);
        }

        private PeerSink sink(long sid) {
            PeerSink sink = servers.get(sid);
            if (sink == null) {
                throw new IllegalArgumentException("no server " + sid);
            }
            return sink;
        }
    }

    private record Ends(long dialler, long dialled) {
        long otherThan(long sid) {
            return sid == dialler ? dialled : dialler;
        }
    }

    InProcessLinks(long sid, Network network) {
        this.sid = sid;
        this.network = network;
    }

    @Override
    public void notify(long to, Notification notification) {
        require(network.sink(to).offerNotification(sid, notification));
    }

    @Override
    public long dial(long to) {
        long link = network.lastLink.incrementAndGet();
        network.ends.put(link, new Ends(sid, to));
        require(network.sink(to).offerAccepted(link));
        require(network.sink(sid).offerLinkUp(link));
        return link;
    }

    @Override
    public void send(long link, Message message) {
        Ends both = network.ends.get(link);
        if (both != null) {
            require(network.sink(both.otherThan(sid)).offerMessage(link, message));
        }
    }

    @Override
    public void sendHistory(long link, long afterZxid, long lastZxid) {
        throw new UnsupportedOperationException("a server came late");
    }

    @Override
    public void close(long link) {
        Ends both = network.ends.remove(link);
        if (both != null) {
            require(network.sink(both.otherThan(sid)).offerLinkDown(link));
        }
    }

    /** Requests in flight are bounded to far less than a ring holds. */
    private static void require(boolean taken) {
        if (!taken) {
            throw new IllegalStateException("a ring is full");
        }
    }
}

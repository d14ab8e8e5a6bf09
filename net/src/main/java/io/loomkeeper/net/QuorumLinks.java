package io.loomkeeper.net;

import io.loomkeeper.net.LinkQueue.Item;
import io.loomkeeper.net.wire.HostPort;
import io.loomkeeper.zab.Message;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All quorum links of this server, those it dialled and those it accepted. */
final class QuorumLinks {
    private static final Logger LOG = LoggerFactory.getLogger(QuorumLinks.class);

    private final PeerOptions options;
    private final PeerPorts ports;
    private final LongFunction<@Nullable ServerAddress> addresses;
    private final Supplier<Set<String>> hosts;
    private final Strangers strangers;
    private final AtomicLong ids = new AtomicLong();
    private final ConcurrentMap<Long, QuorumLink> byId = new ConcurrentHashMap<>();

    /** The newest link that each learner opened. */
    private final ConcurrentMap<Long, QuorumLink> byLearner = new ConcurrentHashMap<>();

    /** The pipeline's own: what it has sent on and not flushed. */
    private final List<QuorumLink> unflushed = new ArrayList<>();

    private volatile boolean closed;

    /**
     * @param addresses of the members, by server id
     * @param hosts of all of them
     */
    QuorumLinks(
            PeerOptions options,
            PeerPorts ports,
            LongFunction<@Nullable ServerAddress> addresses,
            Supplier<Set<String>> hosts) {
        this.options = options;
        this.ports = ports;
        this.addresses = addresses;
        this.hosts = hosts;
        strangers = new Strangers(options.limits().strangersMax());
    }

    PeerOptions options() {
        return options;
    }

    PeerPorts ports() {
        return ports;
    }

    Strangers strangers() {
        return strangers;
    }

    long dial(long sid) {
        long id = ids.incrementAndGet();
        start(QuorumLink.dialling(id, sid, this));
        return id;
    }

    void onAccepted(SocketChannel channel) throws IOException {
        PeerSockets.setUp(channel, options.sockets());
        start(QuorumLink.accepted(ids.incrementAndGet(), new PeerSocket(channel), this));
    }

    private void start(QuorumLink link) {
        byId.put(link.id(), link);
        link.start();
        if (closed) {
            link.close();
        }
    }

    void send(long id, Item item) {
        QuorumLink link = byId.get(id);
        if (link != null) {
            link.send(item);
            if (!unflushed.contains(link)) {
                unflushed.add(link);
            }
        }
    }

    /** What was sent since the last time leaves. */
    void flush() {
        if (!unflushed.isEmpty()) {
            unflushed.forEach(QuorumLink::flush);
            unflushed.clear();
        }
    }

    void close(long id) {
        QuorumLink link = byId.get(id);
        if (link != null) {
            link.close();
        }
    }

    void closeAll() {
        closed = true;
        byId.values().forEach(QuorumLink::close);
    }

    /** Those of learners that have said who they are, in the order of their ids. */
    List<PeerLinks.LearnerLink> learners() {
        return byLearner.values().stream()
                .map(QuorumLink::carried)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparingLong(PeerLinks.LearnerLink::sid))
                .toList();
    }

    void resetTraffic() {
        byLearner.values().forEach(QuorumLink::resetTraffic);
    }

    int count() {
        return byId.size();
    }

    List<HostPort> quorumAddresses(long sid) {
        ServerAddress address = addresses.apply(sid);
        return address == null ? List.of() : address.quorum();
    }

    /** The names that the configuration has for all servers. */
    Set<String> hosts() {
        return hosts.get();
    }

    /** The names that the configuration has for a server. */
    List<String> hosts(long sid) {
        ServerAddress address = addresses.apply(sid);
        return address == null ? List.of() : address.hosts();
    }

    /**
     * The member that introduces itself.
     *
     * @throws IOException when it is no member, or does not introduce itself
     */
    long memberOf(Message first) throws IOException {
        long sid =
                switch (first) {
                    case Message.FollowerInfo(_, var learner) -> learner.sid();
                    case Message.ObserverInfo(_, var learner) -> learner.sid();
                    default -> throw new IOException("begins with another message");
                };
        if (sid == options.sid() || addresses.apply(sid) == null) {
            LOG.warn("refused at the quorum port: server {} is not in the configuration", sid);
            throw new IOException("server " + sid + " is not in the configuration");
        }
        return sid;
    }

    /** A learner has one link: an older one is dead, though nobody has noticed. */
    void onIdentified(long sid, QuorumLink link) {
        QuorumLink older = byLearner.put(sid, link);
        if (older != null) {
            older.breakOff("server " + sid + " has connected anew");
        }
    }

    void onEnded(QuorumLink link) {
        byId.remove(link.id());
        byLearner.values().remove(link);
    }
}

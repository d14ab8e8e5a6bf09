package io.loomkeeper.net;

import io.loomkeeper.zab.Links;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What leads to the other servers of the ensemble: the two ports on which they reach this one, and
 * the links to them.
 *
 * <p>Nobody who is not in the configuration is told anything. Whatever comes that is not of the
 * protocol costs the connection that it came on, and no thread.
 */
public final class PeerLinks implements Links, AutoCloseable {
    private final QuorumLinks quorum;
    private final ElectionLinks election;
    private final List<Acceptor> quorumAcceptors = new ArrayList<>();
    private final List<Acceptor> electionAcceptors = new ArrayList<>();
    private volatile Map<Long, ServerAddress> members;

    /**
     * A link that a learner has opened to this server's quorum port.
     *
     * @param remote the other end's address, as {@code /host:port}
     * @param establishedMs wall clock, ms since 1970
     * @param waiting for the learner to take it
     * @param packets since it came, or since it was set back
     */
    public record LearnerLink(
            long sid,
            boolean isObserver,
            String remote,
            long establishedMs,
            Waiting waiting,
            Packets packets) {}

    /** What a link has still to send, its bytes without an image's. */
    public record Waiting(int packets, long bytes) {}

    /**
     * What a link has carried.
     *
     * @param requests those received that brought a client's request
     * @param lastZxid of the last packet sent that had one; -1 when none had
     */
    public record Packets(long received, long requests, long sent, long lastZxid) {}

    /**
     * @param members all servers of the ensemble by their ids, this one included
     */
    public PeerLinks(PeerOptions options, PeerPorts ports, Map<Long, ServerAddress> members) {
        this.members = Map.copyOf(members);
        quorum = new QuorumLinks(options, ports, sid -> this.members.get(sid), this::hosts);
        election = new ElectionLinks(options, ports, sid -> this.members.get(sid), this::hosts);
    }

    /**
     * Listens on both ports of this server's own addresses.
     *
     * @throws IOException when one of them cannot be had, after the retries
     */
    public void open() throws IOException {
        PeerOptions options = quorum.options();
        ServerAddress own = members.get(options.sid());
        if (own == null) {
            throw new IOException("server " + options.sid() + " is not in the configuration");
        }
        try {
            quorumAcceptors.addAll(
                    PeerSockets.listen(
                            own.quorum(),
                            options.sockets(),
                            quorum::onAccepted,
                            quorum.ports().fatal()));
            electionAcceptors.addAll(
                    PeerSockets.listen(
                            own.election(),
                            options.sockets(),
                            election::onAccepted,
                            quorum.ports().fatal()));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * Goes by another configuration from now on. Links that are there stay, but those to the
     * election port of a server that has another one now.
     */
    public void members(Map<Long, ServerAddress> newMembers) {
        Map<Long, ServerAddress> before = members;
        members = Map.copyOf(newMembers);
        before.forEach(
                (sid, address) -> {
                    ServerAddress now = newMembers.get(sid);
                    if (now == null || !now.election().equals(address.election())) {
                        election.forget(sid);
                    }
                });
    }

    private Set<String> hosts() {
        return members.values().stream()
                .flatMap(address -> address.hosts().stream())
                .collect(Collectors.toSet());
    }

    /** With the ports that were picked. */
    public List<InetSocketAddress> quorumAddresses() {
        return quorumAcceptors.stream().map(Acceptor::localAddress).toList();
    }

    /** With the ports that were picked. */
    public List<InetSocketAddress> electionAddresses() {
        return electionAcceptors.stream().map(Acceptor::localAddress).toList();
    }

    /** The links of learners, in the order of their ids. Any thread. */
    public List<LearnerLink> learners() {
        return quorum.learners();
    }

    /** The packets of all learners' links are counted from 0 again. Any thread. */
    public void resetLearners() {
        quorum.resetTraffic();
    }

    /** Quorum links that are open or being opened. */
    int linkCount() {
        return quorum.count();
    }

    @Override
    public void notify(long sid, Notification notification) {
        election.notify(sid, notification);
    }

    @Override
    public long dial(long sid) {
        return quorum.dial(sid);
    }

    /**
     * Has what was sent on quorum links written. Called by the sending thread at the end of a run,
     * so that the messages of a run share a write here and a read over there.
     */
    public void flush() {
        quorum.flush();
    }

    @Override
    public void send(long link, Message message) {
        quorum.send(link, new LinkQueue.Packet(message));
    }

    @Override
    public void sendHistory(long link, long afterZxid, long lastZxid) {
        quorum.send(link, new LinkQueue.History(afterZxid, lastZxid));
    }

    @Override
    public void close(long link) {
        quorum.close(link);
    }

    /** Stops listening and closes every link; nothing more is heard of any. */
    @Override
    public void close() {
        quorumAcceptors.forEach(Acceptor::close);
        electionAcceptors.forEach(Acceptor::close);
        quorum.closeAll();
        election.closeAll();
    }
}

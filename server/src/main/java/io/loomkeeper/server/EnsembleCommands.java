package io.loomkeeper.server;

import io.loomkeeper.admin.Command;
import io.loomkeeper.admin.Command.Reply;
import io.loomkeeper.admin.Fields;
import io.loomkeeper.net.PeerLinks;
import io.loomkeeper.server.ServerLine.Address;
import io.loomkeeper.server.ServerLine.ClientPart;
import io.loomkeeper.zab.Peer;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Zxid;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The admin server's commands that are about the ensemble, with Apache's names and fields. On a
 * server that stands alone most of them have little to say.
 */
final class EnsembleCommands {
    private final ServerView view;
    private final EnsembleView ensemble;
    private final String initialConfiguration;

    /**
     * @param configurationText the configuration file as it was read
     */
    EnsembleCommands(ServerView view, EnsembleView ensemble, String configurationText) {
        this.view = view;
        this.ensemble = ensemble;
        this.initialConfiguration = Secrets.without(configurationText);
    }

    List<Command> all() {
        return List.of(
                Command.whileServing(List.of("leader", "lead"), this::leader),
                Command.whileServing(List.of("observers", "obsr"), this::observers),
                Command.whileServing(
                        List.of("observer_connection_stat_reset", "orst"), this::resetObservers),
                Command.whileServing(
                        List.of("initial_configuration", "icfg"),
                        _ ->
                                Reply.of(
                                        new Fields()
                                                .put(
                                                        "initial_configuration",
                                                        initialConfiguration))),
                Command.whileServing(List.of("voting_view"), this::votingView),
                Command.always(List.of("zabstate"), this::zabState));
    }

    private Reply leader(Map<String, String> arguments) {
        Members members = ensemble.members().orElse(null);
        if (members == null) {
            return Reply.error("server is not initialized");
        }
        Peer.Probe probe = ensemble.probe();
        ServerLine leader = members.lines().get(probe.leader());
        return Reply.of(
                new Fields()
                        .put("is_leader", probe.state() == ServerState.LEADING)
                        .put("leader_id", probe.leader())
                        .put(
                                "leader_ip",
                                leader == null ? "" : leader.addresses().getFirst().host()));
    }

    /** Of a leader, which alone has any. */
    private Reply observers(Map<String, String> arguments) {
        Fields fields = new Fields();
        view.leadership()
                .ifPresentOrElse(
                        leadership ->
                                fields.put("synced_observers", leadership.syncedObservers())
                                        .put("observers", observerLinks()),
                        () -> fields.put("synced_observers", 0).put("observers", List.of()));
        return Reply.of(fields);
    }

    private List<Fields> observerLinks() {
        return ensemble.learnerLinks().stream()
                .filter(PeerLinks.LearnerLink::isObserver)
                .map(EnsembleCommands::shown)
                .toList();
    }

    private static Fields shown(PeerLinks.LearnerLink link) {
        return new Fields()
                .put("remote_socket_address", link.remote())
                .put("sid", link.sid())
                .put("established", link.establishedMs())
                .put("queued_packets", link.waiting().packets())
                .put("queued_packets_size", link.waiting().bytes())
                .put("packets_received", link.packets().received())
                .put("packets_sent", link.packets().sent())
                .put("requests", link.packets().requests())
                .put("last_zxid", link.packets().lastZxid());
    }

    private Reply resetObservers(Map<String, String> arguments) {
        ensemble.resetLearnerLinks();
        return Reply.of(new Fields());
    }

    private Reply votingView(Map<String, String> arguments) {
        Fields config = new Fields();
        ensemble.members()
                .ifPresent(
                        members ->
                                members.lines()
                                        .forEach(
                                                (sid, line) -> {
                                                    if (!line.isObserver()) {
                                                        config.put(Long.toString(sid), shown(line));
                                                    }
                                                }));
        return Reply.of(new Fields().put("current_config", config));
    }

    private static Fields shown(ServerLine line) {
        ClientPart client = line.client();
        return new Fields()
                .put("server_addresses", line.addresses().stream().map(Address::quorum).toList())
                .put(
                        "election_addresses",
                        line.addresses().stream().map(Address::election).toList())
                .put("client_address", client == null ? "" : client.text())
                .put("learner_type", line.isObserver() ? "observer" : "participant");
    }

    private Reply zabState(Map<String, String> arguments) {
        Members members = ensemble.members().orElse(null);
        if (members == null) {
            return Reply.of(new Fields().put("voting", false).put("zabstate", ""));
        }
        Peer.Probe probe = ensemble.probe();
        ServerLine self = members.lines().get(view.serverId());
        long zxid = view.lastZxid();
        return Reply.of(
                new Fields()
                        .put("myid", view.serverId())
                        .put("is_leader", probe.state() == ServerState.LEADING)
                        .put("quorum_address", addresses(self, Address::quorum))
                        .put("election_address", addresses(self, Address::election))
                        .put("client_address", clientAddress(self))
                        .put("voting", self != null && !self.isObserver())
                        .put("last_zxid", "0x" + Long.toHexString(zxid))
                        .put("zab_epoch", Integer.toUnsignedLong(Zxid.epoch(zxid)))
                        .put("zab_counter", Integer.toUnsignedLong(Zxid.counter(zxid)))
                        .put("zabstate", phase(probe)));
    }

    /**
     * As Apache's server shows the addresses of a member: an object with a field for each question
     * that its own code asks of them. None is tried: all count as reachable.
     */
    private static Fields addresses(@Nullable ServerLine self, Function<Address, String> of) {
        List<Address> own = self == null ? List.of() : self.addresses();
        List<String> all = own.stream().map(of).toList();
        List<String> ports =
                all.stream().map(text -> text.substring(text.lastIndexOf(':') + 1)).toList();
        String one = all.isEmpty() ? null : all.getFirst();
        return new Fields()
                .put("all_addresses", all)
                .put("all_host_strings", own.stream().map(Address::host).distinct().toList())
                .put("all_ports", ports.stream().map(Long::valueOf).toList())
                .put("all_reachable_addresses", all)
                .put("all_reachable_addresses_or_all", all)
                .put("empty", all.isEmpty())
                .put("one", one)
                .put("reachable_address", one)
                .put("reachable_or_one", one)
                .put("wildcard_addresses", ports.stream().map(port -> "0.0.0.0:" + port).toList());
    }

    private String clientAddress(@Nullable ServerLine self) {
        ClientPart client = self == null ? null : self.client();
        return client == null ? "0.0.0.0:" + view.clientPort() : client.text();
    }

    /** Apache's four phases: what comes before a leader is known is an election. */
    private static String phase(Peer.Probe probe) {
        if (probe.state() == ServerState.LOOKING) {
            return "election";
        }
        if (probe.isServing()) {
            return "broadcast";
        }
        return probe.epoch() < 0 ? "discovery" : "synchronization";
    }
}

package io.loomkeeper.server;

import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Reconfigurations;
import io.loomkeeper.tree.Request;
import io.loomkeeper.zab.Membership;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a leader makes of a reconfig (protocol 17.4): the new configuration, or the first reason
 * against it in Apache's order.
 *
 * @param votersMin that an ensemble keeps: with standaloneEnabled two
 * @param multiAddress whether a server may have several addresses
 */
record ReconfigRules(
        Memberships memberships, Standing standing, int votersMin, boolean multiAddress)
        implements Reconfigurations {
    /** What the agreement has to say. */
    interface Standing {
        boolean isReconfiguring();

        /** Whether a quorum of that configuration follows this server. */
        boolean isQuorumSynced(Membership next);
    }

    @Override
    public Verdict judge(Request.Reconfig request, long zxid) {
        Members active = memberships.active();
        if (standing.isReconfiguring()) {
            return refused(KeeperError.RECONFIG_IN_PROGRESS);
        }
        if (request.curConfigId() != -1 && request.curConfigId() != active.version()) {
            return refused(KeeperError.BAD_VERSION);
        }
        Members next;
        try {
            next = next(request, active, zxid);
        } catch (ConfigException | IOException e) {
            return refused(KeeperError.BAD_ARGUMENTS);
        }
        if (next.voters().size() < votersMin) {
            return refused(KeeperError.BAD_ARGUMENTS);
        }
        return standing.isQuorumSynced(next.membership())
                ? new Verdict.Granted(Bytes.utf8(next.text()))
                : refused(KeeperError.NEW_CONFIG_NO_QUORUM);
    }

    private static Verdict refused(KeeperError error) {
        return new Verdict.Refused(error);
    }

    private Members next(Request.Reconfig request, Members active, long zxid)
            throws ConfigException, IOException {
        String all = request.newMembers();
        if (all != null) {
            Settings source = source(all.replace(',', '\n'));
            ServerLines.requireMembersOnly(source);
            Members members = Members.parse(source, zxid);
            requireSingleAddresses(members, source);
            return members;
        }
        if (active.groups() != null) {
            throw wrong("reconfig", "", "all members anew, as there are groups");
        }
        SortedMap<Long, ServerLine> lines = new TreeMap<>(active.lines());
        for (String leaving : parts(request.leaving())) {
            if (!ServerLine.isId(leaving)) {
                throw wrong("leaving", leaving, "ids of servers between commas");
            }
            lines.remove(Long.valueOf(leaving));
        }
        for (String joining : parts(request.joining())) {
            join(joining, lines);
        }
        return new Members(lines, null, zxid);
    }

    /** {@code server.N=line} or {@code N=line}; whoever has that id is replaced. */
    private void join(String joining, SortedMap<Long, ServerLine> lines)
            throws ConfigException, IOException {
        int equals = joining.indexOf('=');
        if (equals < 0) {
            throw wrong("joining", joining, "server.<id>=<line>");
        }
        String name = joining.substring(0, equals).strip();
        String id = name.substring(name.lastIndexOf('.') + 1);
        Settings source = source("server." + id + "=" + joining.substring(equals + 1));
        Members joined = Members.parse(source, 0);
        requireSingleAddresses(joined, source);
        for (ServerLine line : joined.lines().values()) {
            requireOwnAddresses(source, line, lines);
            lines.put(line.sid(), line);
        }
    }

    private static void requireOwnAddresses(
            Settings source, ServerLine line, SortedMap<Long, ServerLine> lines)
            throws ConfigException {
        if (line.client() == null) {
            throw source.wrong(line.given(), "a line that says where clients connect");
        }
        for (ServerLine other : lines.values()) {
            Set<String> shared = new HashSet<>(addresses(line));
            shared.retainAll(addresses(other));
            if (other.sid() != line.sid() && !shared.isEmpty()) {
                throw source.wrong(
                        line.given(), "addresses that server " + other.sid() + " has not");
            }
        }
    }

    /** But those that mean another host on every host. */
    private static List<String> addresses(ServerLine line) {
        List<String> addresses = new ArrayList<>();
        for (ServerLine.Address address : line.addresses()) {
            addIfPublic(address.host(), address.quorumPort(), addresses);
            addIfPublic(address.host(), address.electionPort(), addresses);
        }
        ServerLine.ClientPart client = line.client();
        String host = client == null ? null : client.host();
        if (client != null && host != null) {
            addIfPublic(host, client.port(), addresses);
        }
        return addresses;
    }

    private static void addIfPublic(String host, int port, List<String> addresses) {
        boolean isEverywhere =
                host.startsWith("127.")
                        || Set.of("localhost", "::1", "0.0.0.0", "::").contains(host);
        if (!isEverywhere) {
            addresses.add(host + ":" + port);
        }
    }

    private void requireSingleAddresses(Members members, Settings source) throws ConfigException {
        if (!multiAddress) {
            members.requireSingleAddresses(source);
        }
    }

    private static Settings source(String text) throws ConfigException, IOException {
        return Settings.parse("reconfig", new StringReader(text));
    }

    private static List<String> parts(@Nullable String list) {
        return list == null ? List.of() : Settings.commaList(list);
    }

    private static ConfigException wrong(String key, String found, String allowed) {
        return new ConfigException("reconfig", 0, key, found, allowed);
    }
}

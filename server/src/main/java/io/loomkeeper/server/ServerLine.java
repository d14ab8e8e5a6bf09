package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One member of an ensemble, as a {@code server.N} line has it (protocol 17.1).
 *
 * <pre>
 *   server.N=addr[|addr...][:role][;[clientHost:]clientPort[;...]]
 *   addr    = host:quorumPort:electionPort, IPv6 addresses in brackets
 *   role    = participant, which is the default, or observer, in any case
 * </pre>
 *
 * @param addresses at least one; each host without brackets
 * @param client null when the line does not say where clients connect
 * @param given for messages
 */
record ServerLine(
        long sid,
        List<Address> addresses,
        boolean isObserver,
        @Nullable ClientPart client,
        Given given) {
    private static final String GRAMMAR =
            "host:quorumPort:electionPort[:participant|:observer][;[host:]clientPort]";
    private static final int PORT_MAX = 65535;

    /** Where the other servers find it. */
    record Address(String host, int quorumPort, int electionPort) {
        String text() {
            return quorum() + ":" + electionPort;
        }

        String quorum() {
            return bracketed(host) + ":" + quorumPort;
        }

        String election() {
            return bracketed(host) + ":" + electionPort;
        }
    }

    /** Where clients find it; {@code host} is null when it is to be found at any address. */
    record ClientPart(@Nullable String host, int port) {
        String text() {
            return (host == null ? "0.0.0.0" : bracketed(host)) + ":" + port;
        }
    }

    private static String bracketed(String host) {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }

    /**
     * Reads a line.
     *
     * @throws ConfigException when it is none
     */
    static ServerLine parse(Settings settings, Given line) throws ConfigException {
        return new Reader(settings, line).read();
    }

    /** The line as servers exchange it (protocol 17.2), without its end. */
    String text() {
        String all =
                addresses.stream()
                        .sorted(Comparator.comparing(Address::host))
                        .map(Address::text)
                        .collect(Collectors.joining("|"));
        String role = isObserver ? ":observer" : ":participant";
        return "server." + sid + "=" + all + role + (client == null ? "" : ";" + client.text());
    }

    /** Whether that is a server's or a group's id, as a number that fits. */
    static boolean isId(String text) {
        return text.matches("-?[0-9]{1,18}");
    }

    /** The reading of one line. */
    private record Reader(Settings settings, Given line) {
        ServerLine read() throws ConfigException {
            String[] parts = line.value().split(";", -1);
            String servers = parts[0].strip();
            String lower = servers.toLowerCase(Locale.ROOT);
            boolean isObserver = lower.endsWith(":observer");
            if (isObserver || lower.endsWith(":participant")) {
                servers = servers.substring(0, servers.lastIndexOf(':'));
            }
            List<Address> addresses = new ArrayList<>();
            for (String address : servers.split("\\|", -1)) {
                addresses.add(address(address.strip()));
            }
            ClientPart client =
                    parts.length < 2 || parts[1].isBlank() ? null : client(parts[1].strip());
            return new ServerLine(sid(), List.copyOf(addresses), isObserver, client, line);
        }

        private long sid() throws ConfigException {
            String id = line.name().substring("server.".length());
            if (!isId(id)) {
                throw settings.wrong(line, "server.<id>=" + GRAMMAR + " with a number as the id");
            }
            return Long.parseLong(id);
        }

        private Address address(String text) throws ConfigException {
            int election = text.lastIndexOf(':');
            int quorum = election < 0 ? -1 : text.lastIndexOf(':', election - 1);
            if (quorum < 1) {
                throw settings.wrong(line, GRAMMAR);
            }
            Address address =
                    new Address(
                            host(text.substring(0, quorum)),
                            port(text.substring(quorum + 1, election)),
                            port(text.substring(election + 1)));
            if (address.quorumPort() == address.electionPort() && address.quorumPort() != 0) {
                throw settings.wrong(line, "a quorum port and an election port that differ");
            }
            return address;
        }

        private ClientPart client(String text) throws ConfigException {
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? null : host(text.substring(0, colon));
            return new ClientPart(host, port(text.substring(colon + 1)));
        }

        private String host(String text) throws ConfigException {
            boolean bracketed = text.startsWith("[") && text.endsWith("]");
            String host = bracketed ? text.substring(1, text.length() - 1) : text;
            if (host.isBlank() || (!bracketed && host.indexOf(':') >= 0) || host.contains("[")) {
                throw settings.wrong(line, GRAMMAR);
            }
            return host;
        }

        private int port(String text) throws ConfigException {
            try {
                int port = Integer.parseInt(text);
                if (port >= 0 && port <= PORT_MAX) {
                    return port;
                }
            } catch (NumberFormatException e) {
                throw settings.wrong(line, GRAMMAR);
            }
            throw settings.wrong(line, GRAMMAR);
        }
    }
}

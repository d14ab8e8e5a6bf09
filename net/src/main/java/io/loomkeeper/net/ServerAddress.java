package io.loomkeeper.net;

import io.loomkeeper.net.wire.HostPort;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a server of the ensemble is reached by the others (protocol 17.1): as a rule one address
 * each, more with multiAddress, of which any will do.
 */
public record ServerAddress(List<HostPort> quorum, List<HostPort> election) {
    public ServerAddress {
        quorum = List.copyOf(quorum);
        election = List.copyOf(election);
    }

    /** The names of all of them. */
    List<String> hosts() {
        return Stream.concat(quorum.stream(), election.stream())
                .map(HostPort::host)
                .distinct()
                .toList();
    }
}

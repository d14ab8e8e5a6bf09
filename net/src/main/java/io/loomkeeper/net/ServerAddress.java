package io.loomkeeper.net;

import io.loomkeeper.net.wire.HostPort;
import java.util.List;

/**
 * Where a server of the ensemble is reached by the others (protocol 17.1): as a rule one address
 * each, more with multiAddress, of which any will do.
 */
public record ServerAddress(List<HostPort> quorum, List<HostPort> election) {
    public ServerAddress {
        quorum = List.copyOf(quorum);
        election = List.copyOf(election);
    }
}

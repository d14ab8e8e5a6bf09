package io.loomkeeper.server;

import io.loomkeeper.zab.Peer;
import java.util.Optional;

/** What reports want to know of this server's part in an ensemble, as of some recent moment. */
interface EnsembleView {
    /** Those of the active configuration; empty on a server that stands alone. */
    Optional<Members> members();

    /** This server's part in the agreement; waits for the pipeline. */
    Peer.Probe probe();
}

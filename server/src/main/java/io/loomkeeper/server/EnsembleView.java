package io.loomkeeper.server;

import io.loomkeeper.net.PeerLinks;
import io.loomkeeper.zab.Peer;
import java.util.List;
import java.util.Optional;

/** What reports want to know of this server's part in an ensemble, as of some recent moment. */
interface EnsembleView {
    /** Those of the active configuration; empty on a server that stands alone. */
    Optional<Members> members();

    /** This server's part in the agreement; waits for the pipeline. */
    Peer.Probe probe();

    /** The links that learners have opened to this server, which may lead or not. */
    List<PeerLinks.LearnerLink> learnerLinks();

    /** What orst does to their figures. */
    void resetLearnerLinks();
}

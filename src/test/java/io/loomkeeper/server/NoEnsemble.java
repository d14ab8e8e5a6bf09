package io.loomkeeper.server;

import io.loomkeeper.net.PeerLinks;
import io.loomkeeper.zab.Peer;
import java.util.List;
import java.util.Optional;

/** A server that stands alone, and is not asked for its part in an agreement. */
enum NoEnsemble implements EnsembleView {
    INSTANCE;

    @Override
    public Optional<Members> members() {
        return Optional.empty();
    }

    @Override
    public Peer.Probe probe() {
        throw new AssertionError("alone");
    }

    @Override
    public List<PeerLinks.LearnerLink> learnerLinks() {
        return List.of();
    }

    @Override
    public void resetLearnerLinks() {
        // there are none
    }
}

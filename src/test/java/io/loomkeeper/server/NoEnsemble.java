package io.loomkeeper.server;

import io.loomkeeper.zab.Peer;
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
}

package io.loomkeeper.server;

import io.loomkeeper.tree.TreeVersion;

/** The newest committed version of the tree: written by the pipeline, read by everybody. */
final class PublishedState {
    private volatile TreeVersion version;

    PublishedState(TreeVersion recovered) {
        this.version = recovered;
    }

    TreeVersion version() {
        return version;
    }

    /** Pipeline thread only. */
    void publish(TreeVersion next) {
        assert next.zxid() > version.zxid();
        version = next;
    }

    /** A version of another history, while nobody is served. Pipeline thread only. */
    void replace(TreeVersion other) {
        version = other;
    }
}

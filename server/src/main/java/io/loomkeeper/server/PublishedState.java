package io.loomkeeper.server;

import io.loomkeeper.tree.TreeVersion;

/**
 * The newest committed version of the tree, and this server's part in the ensemble: written by the
 * pipeline, read by everybody.
 */
final class PublishedState {
    private volatile TreeVersion version;
    private volatile Standing standing = Standing.ABSENT;

    /**
     * A server's part in the ensemble.
     *
     * @param serves whether clients are served
     * @param mode as srvr says it
     * @param sinceMs when it began, on the pipeline's clock
     */
    record Standing(boolean serves, String mode, long sinceMs) {
        static final Standing ABSENT = new Standing(false, "", 0);
    }

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

    Standing standing() {
        return standing;
    }

    /** Pipeline thread only. */
    void stand(Standing now) {
        standing = now;
    }

    /** A version of another history, while nobody is served. Pipeline thread only. */
    void replace(TreeVersion other) {
        version = other;
    }
}

package io.loomkeeper.server;

import io.loomkeeper.tree.TreeVersion;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of delivered transactions: the version that holds them is published, then whoever
 * waits for that is told. Pipeline thread only.
 */
final class Publication {
    /** A session that was created and is answered when it stands in the published version. */
    private record NewSession(Client client, long sessionId, int timeoutMs) {}

    private final PublishedState published;
    private final Clients clients;
    private final Now now;
    private final Pipeline.CommitListener commits;
    private final ArrayList<NewSession> connecting = new ArrayList<>();
    private int writes;
    private long bytes;

    Publication(
            PublishedState published, Clients clients, Now now, Pipeline.CommitListener commits) {
        this.published = published;
        this.clients = clients;
        this.now = now;
        this.commits = commits;
    }

    TreeVersion version() {
        return published.version();
    }

    /** A transaction of so many bytes is in the next version, or in a later one. */
    void onLogged(int length) {
        bytes += length;
    }

    /** One more transaction is in the next version. */
    void onDelivered() {
        writes++;
    }

    /** Answers the handshake when the session stands in the published version (protocol 2.4). */
    void connectThen(@Nullable Client client, long sessionId, int timeoutMs) {
        if (client != null) {
            connecting.add(new NewSession(client, sessionId, timeoutMs));
        }
    }

    /** Publishes, answers new sessions, wakes whoever was told something. */
    void publish(TreeVersion version) {
        published.publish(version);
        connectNew();
        clients.wake();
        int publishedWrites = writes;
        long publishedBytes = bytes;
        writes = 0;
        bytes = 0;
        commits.onPublished(version, publishedWrites, publishedBytes);
    }

    private void connectNew() {
        for (NewSession created : connecting) {
            if (clients.isHere(created.client)) {
                clients.connect(created.client, created.sessionId, created.timeoutMs, now.ms);
            }
        }
        connecting.clear();
    }

    /**
     * Goes to another history: nobody is served, so nobody sees it. Whoever waited is gone.
     *
     * @param version older or newer than the published one
     */
    void replace(TreeVersion version) {
        connecting.clear();
        writes = 0;
        bytes = 0;
        published.replace(version);
        commits.onReplaced();
    }
}

package io.loomkeeper.server;

import io.loomkeeper.net.ClientPorts.LocalReads;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeVersion;
import java.util.List;

/** One published version, as a connection's own thread reads it. */
record PublishedReads(TreeVersion version, Reads reads) implements LocalReads.Version {
    @Override
    public long zxid() {
        return version.zxid();
    }

    @Override
    public Response read(Request.Read read, long sessionId, List<AuthId> identities) {
        return reads.read(version, read, sessionId, identities);
    }
}

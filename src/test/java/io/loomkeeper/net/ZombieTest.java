package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.tree.Request;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An error in a thread is told where the process is ended, whatever becomes of the thread. */
final class ZombieTest {
    @Test
    void anErrorOfAClientsReaderIsTheEnd()
            throws IOException, MalformedException, InterruptedException {
        TinyServer server = new TinyServer();
        try (TestClient client = server.client().connect()) {
            client.send(1, new Request.GetData(TinyPipeline.ERROR, false));
            Await.until("the end", () -> server.connections.count() == 0);
        }
        assertFalse(server.fatal.isEmpty());
        server.fatal.clear();
        server.stop();
    }

    @Test
    void anErrorOfAnElectionLinksReaderIsTheEnd() throws IOException {
        TinyPeer peer = new TinyPeer(2);
        ServerAddress nowhere = new ServerAddress(List.of(), List.of());
        peer.links.members(Map.of(2L, peer.address(), 3L, nowhere));
        peer.events.failing(true);
        try (Socket link =
                new Socket(InetAddress.getLoopbackAddress(), peer.electionAddress().port())) {
            link.setSoTimeout(10_000);
            DataOutputStream out = new DataOutputStream(link.getOutputStream());
            out.writeLong(-65536);
            out.writeLong(3);
            byte[] address = "127.0.0.1:1".getBytes(StandardCharsets.US_ASCII);
            out.writeInt(address.length);
            out.write(address);
            out.write(new byte[] {0, 0, 0, 28});
            out.write(new byte[28]);
            assertEquals(-1, link.getInputStream().read());
        }
        assertNotNull(peer.fatal.getAndSet(null));
        peer.close();
    }
}

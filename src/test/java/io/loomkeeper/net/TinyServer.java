package io.loomkeeper.net;

import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.collections.MutableReference;
import org.jspecify.annotations.Nullable;

/** An acceptor on loopback with a {@link TinyPipeline} behind it. Time stands still unless told. */
final class TinyServer {
    final TinyPipeline pipeline;
    final Connections connections;
    final Acceptor acceptor;

    /** Whether a client must have authenticated before it may ask anything. */
    volatile boolean authRequired;

    final Tally tally = new Tally();
    final List<Throwable> fatal = new CopyOnWriteArrayList<>();
    final MutableReference<String> longWord = new MutableReference<>("");

    TinyServer() throws IOException {
        this(ClientLimits.DEFAULT, 1000);
    }

    TinyServer(ClientLimits limits, int ringCapacity) throws IOException {
        pipeline = new TinyPipeline(ringCapacity);
        ClientPorts ports =
                new ClientPorts(
                        pipeline, pipeline, this::answerWord, new OneScheme(), tally, fatal::add);
        connections = new Connections(limits, ports, 0);
        acceptor =
                Acceptor.open(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        0,
                        true,
                        connections);
    }

    TestClient client() throws IOException {
        return new TestClient(acceptor.localAddress());
    }

    private @Nullable String answerWord(String word, long argument) {
        return switch (word) {
            case "ruok" -> "imok";
            case "stmk" -> Long.toString(argument);
            case "long" -> longWord.get();
            default -> null;
        };
    }

    /** Knows digest, and believes everyone. */
    private final class OneScheme implements ClientPorts.Authenticator {
        @Override
        public @Nullable List<AuthId> onAuth(Request.Auth packet, List<AuthId> identities) {
            return Objects.equals(packet.scheme(), "digest")
                    ? List.of(new AuthId("ip", "127.0.0.1"), new AuthId("digest", "u:h"))
                    : null;
        }

        @Override
        public @Nullable List<AuthId> onCertificate(String subject, List<AuthId> identities) {
            return List.of(identities.getFirst(), new AuthId("x509", subject));
        }

        @Override
        public @Nullable SaslConversation startSasl() {
            return null;
        }

        @Override
        public boolean admits(List<AuthId> identities) {
            return !authRequired || identities.size() > 1;
        }
    }

    void stop() throws InterruptedException {
        acceptor.close();
        connections.closeAll();
        boolean empty = connections.awaitEmpty(10_000);
        pipeline.stop();
        assert empty : connections.count();
        assert fatal.isEmpty() : fatal;
    }
}

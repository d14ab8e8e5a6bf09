package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.TestAuthority;
import io.loomkeeper.TestAuthority.Identity;
import io.loomkeeper.net.TlsOptions.ClientAuth;
import io.loomkeeper.net.wire.ElectionHello;
import io.loomkeeper.net.wire.HostPort;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.QuorumCodec;
import io.loomkeeper.zab.Message;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS between two servers, on sockets. */
@Timeout(60)
final class LinkTlsTest {
    private static final int PATIENCE_MS = 5000;
    private static final byte[] SAID = "twelve bytes".getBytes(StandardCharsets.US_ASCII);

    private final TestAuthority authority = new TestAuthority("CN=authority");
    private ServerSocketChannel listener;

    @TempDir private Path folder;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    private PeerTls tls(Identity identity, boolean dials, boolean admitsPlain) throws IOException {
        TlsOptions.Password password = new TlsOptions.Password(TestAuthority.PASSWORD, null);
        String name = identity.subject();
        return new PeerTls(
                Tls.open(
                        new TlsOptions(
                                new TlsOptions.Store(
                                        identity.write(folder.resolve(name + ".p12")),
                                        "PKCS12",
                                        password),
                                new TlsOptions.Store(
                                        authority.writeTrust(folder.resolve(name + ".pem")),
                                        "PEM",
                                        password),
                                new TlsOptions.Handshake(
                                        "", List.of(), List.of(), ClientAuth.NEED, PATIENCE_MS),
                                new TlsOptions.Checks(true, true, false, false),
                                false)),
                dials,
                admitsPlain);
    }

    private PeerTls ours() throws IOException {
        return tls(authority.issue("CN=us", "127.0.0.1"), true, false);
    }

    /** What the accepting side hears, once it is content with who speaks. */
    private CompletableFuture<String> hear(@Nullable PeerTls with, String... hosts) {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try (SocketChannel channel = listener.accept()) {
                                PeerSocket socket = new PeerSocket(channel);
                                socket.accept(with, PATIENCE_MS);
                                socket.requireNameOf(List.of(hosts));
                                heard.complete(read(socket));
                                socket.write(ByteBuffer.wrap(SAID));
                            } catch (IOException e) {
                                heard.completeExceptionally(e);
                            }
                        });
        return heard;
    }

    private static String read(PeerSocket socket) throws IOException {
        byte[] bytes = new byte[SAID.length];
        int length = 0;
        while (length < bytes.length) {
            byte[] more = new byte[bytes.length - length];
            int read = socket.read(more, PATIENCE_MS);
            if (read < 0) {
                throw new EOFException();
            }
            System.arraycopy(more, 0, bytes, length, read);
            length += read;
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Dials by this name, says something, and hears the same. */
    private void speak(@Nullable PeerTls with, String host) throws IOException {
        try (SocketChannel channel = SocketChannel.open(listener.getLocalAddress())) {
            PeerSocket socket = new PeerSocket(channel);
            socket.connect(with, host, PATIENCE_MS);
            socket.write(ByteBuffer.wrap(SAID));
            assertEquals(new String(SAID, StandardCharsets.US_ASCII), read(socket));
        }
    }

    private static Throwable failure(CompletableFuture<String> heard) {
        ExecutionException failure =
                assertThrows(
                        ExecutionException.class,
                        () -> heard.get(PATIENCE_MS, TimeUnit.MILLISECONDS));
        Throwable cause = failure.getCause();
        return cause == null ? new ProtocolException("no cause") : cause;
    }

    private static String words() {
        return new String(SAID, StandardCharsets.US_ASCII);
    }

    /** The rows of a migration: before, while and after it. */
    @ParameterizedTest
    @CsvSource({
        // the one that dials: tls | the one that is dialled: sslQuorum, portUnification
        "false, false, false",
        "false, false, true",
        "true, false, true",
        "true, true, true",
        "false, true, true",
        "true, true, false",
    })
    void linkIsOpenedAsBothCan(boolean dials, boolean sslQuorum, boolean unified) throws Exception {
        PeerTls accepting =
                sslQuorum || unified
                        ? tls(authority.issue("CN=other", "127.0.0.1"), sslQuorum, unified)
                        : null;
        CompletableFuture<String> heard = hear(accepting, "127.0.0.1");

        speak(dials ? ours() : null, "127.0.0.1");

        assertEquals(words(), heard.get(PATIENCE_MS, TimeUnit.MILLISECONDS));
    }

    @Test
    void whoDialsWithoutTlsIsNotHeardWhereItIsNeeded() throws IOException {
        CompletableFuture<String> heard =
                hear(tls(authority.issue("CN=other", "127.0.0.1"), true, false), "127.0.0.1");

        assertThrows(IOException.class, () -> speak(null, "127.0.0.1"));
        assertTrue(failure(heard).toString().contains("does not begin with TLS"));
    }

    @Test
    void certificateOfAnotherServerDoesNotMakeItThisOne() throws IOException {
        CompletableFuture<String> heard =
                hear(tls(authority.issue("CN=other", "127.0.0.1"), true, false), "zk2", "10.0.0.2");

        assertThrows(IOException.class, () -> speak(ours(), "127.0.0.1"));
        assertTrue(failure(heard) instanceof SSLException);
    }

    @Test
    void serverThatAnswersUnderAnotherNameIsTurnedAwayFrom() throws IOException {
        CompletableFuture<String> heard =
                hear(tls(authority.issue("CN=other", "127.0.0.9"), true, false), "127.0.0.1");

        assertThrows(SSLException.class, () -> speak(ours(), "127.0.0.1"));
        assertTrue(failure(heard) instanceof IOException);
    }

    @Test
    void authorityThatNobodyBelievesIsOfNoUse() throws IOException {
        Identity rogue = new TestAuthority("CN=rogue").issue("CN=rogue", "127.0.0.1");
        CompletableFuture<String> heard =
                hear(tls(authority.issue("CN=other", "127.0.0.1"), true, false), "127.0.0.1");

        assertThrows(IOException.class, () -> speak(tls(rogue, true, false), "127.0.0.1"));
        assertTrue(failure(heard) instanceof SSLException);
    }

    @Test
    void rogueWithACertificateThatIsBelievedIsToldNothingAtEitherPort() throws Exception {
        Identity other = authority.issue("CN=other", "127.0.0.1");
        TinyPeer server =
                new TinyPeer(
                        1, TinyPeer.PATIENT, PeerOptions.Limits.DEFAULT, tls(other, true, false));
        try {
            HostPort self = server.quorumAddress();
            server.links.members(
                    Map.of(
                            1L,
                            server.address(),
                            2L,
                            new ServerAddress(
                                    List.of(new HostPort("10.0.0.2", self.port())),
                                    List.of(new HostPort("10.0.0.2", self.port())))));
            for (HostPort port : List.of(server.quorumAddress(), server.electionAddress())) {
                try (SocketChannel channel =
                        SocketChannel.open(
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(), port.port()))) {
                    PeerSocket rogue = new PeerSocket(channel);
                    rogue.connect(ours(), "127.0.0.1", PATIENCE_MS);
                    rogue.write(ByteBuffer.wrap(hello(2, port.equals(self))));
                    assertTrue(isClosedWithoutAWord(rogue));
                }
            }
        } finally {
            server.links.close();
        }
    }

    private static boolean isClosedWithoutAWord(PeerSocket socket) {
        try {
            return socket.read(new byte[100], PATIENCE_MS) < 0;
        } catch (IOException e) {
            return !(e instanceof SocketTimeoutException);
        }
    }

    /** What the server of an id says first at the quorum port, or else at the election port. */
    private static byte[] hello(long sid, boolean atQuorumPort) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        if (atQuorumPort) {
            QuorumCodec.encode(
                    new Message.FollowerInfo(0, new Message.LearnerFacts(sid, 0x10000, 0)), out);
        } else {
            new ElectionHello(ElectionHello.Form.BARE, sid, List.of()).encode(out);
        }
        byte[] bytes = new byte[out.position()];
        out.buffer().getBytes(0, bytes);
        return bytes;
    }
}

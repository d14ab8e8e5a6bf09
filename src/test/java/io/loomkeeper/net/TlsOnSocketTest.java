package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.loomkeeper.TestAuthority;
import io.loomkeeper.TestAuthority.Identity;
import io.loomkeeper.net.ClientMeter.Incident;
import io.loomkeeper.net.TlsOptions.ClientAuth;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS at the client port, on sockets. */
@Timeout(60)
final class TlsOnSocketTest {
    private static final TlsOptions.Checks NO_CHECKS =
            new TlsOptions.Checks(false, false, false, false);
    private static final int DETECTION_MS = 300;

    private final TestAuthority authority = new TestAuthority("CN=authority");
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private TinyServer server;

    @TempDir private Path folder;

    @BeforeEach
    void start() throws IOException {
        server = new TinyServer();
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        for (Socket socket : sockets) {
            socket.close();
        }
        acceptors.forEach(Acceptor::close);
        server.stop();
        assertEquals(List.of(), server.fatal);
    }

    private TlsOptions options(
            String form, Identity identity, ClientAuth clientAuth, String protocol) {
        TlsOptions.Password password = new TlsOptions.Password(TestAuthority.PASSWORD, null);
        String type = form.equals("p12") ? "PKCS12" : form.toUpperCase(Locale.ROOT);
        Path keys = identity.write(folder.resolve("keys-" + identity.subject() + "." + form));
        Path trusted = authority.writeTrust(folder.resolve("trusted." + form));
        return new TlsOptions(
                new TlsOptions.Store(keys, type, password),
                new TlsOptions.Store(trusted, type, password),
                new TlsOptions.Handshake(
                        "",
                        protocol.isEmpty() ? List.of() : List.of(protocol),
                        List.of(),
                        clientAuth,
                        DETECTION_MS),
                NO_CHECKS,
                true);
    }

    private TlsOptions options(ClientAuth clientAuth) {
        return options("pem", authority.issue("CN=server", "localhost"), clientAuth, "");
    }

    private Acceptor open(TlsOptions options, boolean admitsPlain) throws IOException {
        return open(new TlsDoor(Tls.open(options), admitsPlain, 0));
    }

    private Acceptor open(TlsDoor door) throws IOException {
        Acceptor acceptor =
                Acceptor.openTls(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        0,
                        false,
                        server.connections,
                        door);
        acceptors.add(acceptor);
        return acceptor;
    }

    private Socket raw(Acceptor at) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at.localAddress().getPort());
        socket.setSoTimeout(10_000);
        sockets.add(socket);
        return socket;
    }

    /** Shows the certificate of {@code identity}; TLS alone ends what it is refused with. */
    private SSLSocket secure(Acceptor at, Identity identity, String protocol) throws IOException {
        TlsOptions mine = options("pem", identity, ClientAuth.NONE, protocol);
        SSLSocket socket = Tls.open(mine).connect(raw(at), "localhost");
        socket.startHandshake();
        return socket;
    }

    private TestClient client(Acceptor at, Identity identity) throws IOException {
        return new TestClient(secure(at, identity, ""));
    }

    private List<AuthId> identities() {
        List<AuthId> found = new ArrayList<>();
        server.connections.forEach(link -> found.addAll(link.identities()));
        return found;
    }

    private void assertServes(TestClient client) throws IOException, MalformedException {
        client.connect();
        client.send(1, new Request.Exists("/number", false));
        assertEquals(1, client.header().xid());
    }

    private static boolean isClosed(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return !(e instanceof SocketTimeoutException);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pem", "jks", "p12"})
    void keysAreReadInEachForm(String form) throws IOException, MalformedException {
        Identity identity = authority.issue("CN=server", "localhost");
        Acceptor port = open(options(form, identity, ClientAuth.NEED, ""), false);

        assertServes(client(port, authority.issue("CN=client")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void certificateBecomesAnIdentity(String protocol) throws IOException, MalformedException {
        Acceptor port = open(options(ClientAuth.NEED), false);
        Identity identity = authority.issue("CN=client,OU=ops,O=us");

        SSLSocket socket = secure(port, identity, protocol);
        assertServes(new TestClient(socket));

        assertEquals(protocol, socket.getSession().getProtocol());
        assertEquals(
                List.of(new AuthId("ip", "127.0.0.1"), new AuthId("x509", "CN=client,OU=ops,O=us")),
                identities());
    }

    @Test
    void onlyTheProtocolAskedForIsSpoken() throws IOException {
        TlsOptions any = options(ClientAuth.NEED);
        Acceptor port =
                open(
                        new TlsOptions(
                                any.keys(),
                                any.trusted(),
                                new TlsOptions.Handshake(
                                        "TLSv1.2", List.of(), List.of(), ClientAuth.NEED, 1000),
                                NO_CHECKS,
                                true),
                        false);
        Identity me = authority.issue("CN=client");

        assertEquals("TLSv1.2", secure(port, me, "").getSession().getProtocol());
        assertThrows(IOException.class, () -> secure(port, me, "TLSv1.3"));
    }

    @Test
    void repliesOfAnyLengthCome() throws IOException, MalformedException {
        Acceptor port = open(options(ClientAuth.NEED), false);
        TestClient client = client(port, authority.issue("CN=client")).connect();

        for (int xid = 1; xid <= 50; xid++) {
            client.send(xid, new Request.GetData("/long/100000", false));
        }
        for (int xid = 1; xid <= 50; xid++) {
            assertEquals(xid, client.header().xid());
        }
    }

    @Test
    void unifiedPortServesBoth() throws IOException, MalformedException {
        Acceptor port = open(options(ClientAuth.NEED), true);

        assertServes(client(port, authority.issue("CN=client")));
        assertServes(new TestClient(raw(port)));
        Socket word = raw(port);
        word.getOutputStream().write("ruok".getBytes(StandardCharsets.US_ASCII));
        assertEquals(
                "imok",
                new String(word.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void plainBytesAreClosedWhereOnlyTlsIsSpoken() throws IOException {
        Acceptor port = open(options(ClientAuth.NONE), false);
        Socket socket = raw(port);
        socket.getOutputStream().write(TestClient.connectFrame());

        assertTrue(isClosed(socket));
        Await.until("it is gone", () -> server.connections.arriving() == 0);
    }

    @Test
    void whoHasNoCertificateThatIsBelievedHasNoSession() throws IOException {
        Acceptor port = open(options(ClientAuth.NEED), false);
        TestAuthority other = new TestAuthority("CN=other");

        for (Identity refused :
                List.of(other.issue("CN=client"), authority.issueExpired("CN=client"))) {
            assertRefused(port, refused);
        }
        Await.until("counted", () -> server.tally.incidents.size() == 2);
        assertEquals(
                List.of(Incident.HANDSHAKE_FAILED, Incident.HANDSHAKE_FAILED),
                server.tally.incidents);
        assertEquals(List.of(), identities());
    }

    /** In TLS 1.3 the client has ended its handshake before it hears that it is refused. */
    private void assertRefused(Acceptor port, Identity refused) {
        assertThrows(
                IOException.class,
                () -> {
                    TestClient client = client(port, refused);
                    client.send(TestClient.connectFrame());
                    client.payload();
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"WANT", "NONE"})
    void whoShowsNoCertificateIsServedIfNoneIsNeeded(ClientAuth clientAuth)
            throws IOException, MalformedException, GeneralSecurityException {
        Acceptor port = open(options(clientAuth), false);

        assertServes(new TestClient(anonymous(port)));
        assertEquals(List.of(new AuthId("ip", "127.0.0.1")), identities());
    }

    @Test
    void certificateOfAnotherAddressIsRefusedIfThatIsLookedAt()
            throws IOException, MalformedException {
        Acceptor port = openWith(new TlsOptions.Checks(true, true, false, false));

        assertServes(client(port, authority.issue("CN=here", "127.0.0.1")));
        assertRefused(port, authority.issue("CN=elsewhere", "127.0.0.9"));
        assertRefused(port, authority.issue("CN=named", "localhost"));
    }

    private Acceptor openWith(TlsOptions.Checks checks) throws IOException {
        TlsOptions plain = options(ClientAuth.NEED);
        return open(
                new TlsOptions(plain.keys(), plain.trusted(), plain.handshake(), checks, true),
                false);
    }

    private interface Answering {
        byte[] answer(String pathBehind);
    }

    private interface Use {
        void of(String url) throws IOException, MalformedException;
    }

    /** The authority's own server, on the loopback. */
    private static void whileAnswering(String path, Answering answering, Use use)
            throws IOException, MalformedException {
        HttpServer http =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext(
                path,
                exchange -> {
                    String asked = exchange.getRequestURI().getPath();
                    byte[] answer = answering.answer(asked.substring(path.length()));
                    exchange.sendResponseHeaders(200, answer.length);
                    try (OutputStream body = exchange.getResponseBody()) {
                        body.write(answer);
                    }
                });
        http.start();
        try {
            use.of("http://127.0.0.1:" + http.getAddress().getPort() + path);
        } finally {
            http.stop(0);
        }
    }

    @Test
    void certificateOnTheListOfThoseRevokedIsRefused() throws IOException, MalformedException {
        byte[][] list = {{}};
        whileAnswering(
                "/list.crl",
                _ -> list[0],
                at -> {
                    Identity good = authority.issueRevocable("CN=good", at);
                    Identity stolen = authority.issueRevocable("CN=stolen", at);
                    list[0] = authority.revoked(stolen);
                    Acceptor port = openWith(new TlsOptions.Checks(true, false, true, false));

                    assertServes(client(port, good));
                    assertRefused(port, stolen);
                });
    }

    @Test
    void certificateThatItsIssuerCallsRevokedIsRefused() throws IOException, MalformedException {
        List<Identity> revoked = new CopyOnWriteArrayList<>();
        whileAnswering(
                "/ocsp/",
                asked ->
                        authority.answer(
                                Base64.getDecoder().decode(asked),
                                revoked.toArray(Identity[]::new)),
                at -> {
                    Identity good = authority.issueAnswerable("CN=good", at);
                    Identity stolen = authority.issueAnswerable("CN=stolen", at);
                    Acceptor port = openWith(new TlsOptions.Checks(true, false, false, true));

                    assertServes(client(port, good));
                    assertServes(client(port, stolen));
                    revoked.add(stolen);
                    assertServes(client(port, good));
                    assertRefused(port, stolen);
                });
    }

    @Test
    void certificateThatNobodyVouchesForIsRefusedIfThatIsAskedFor() throws IOException {
        Acceptor byList = openWith(new TlsOptions.Checks(true, false, true, false));
        Acceptor byAnswer = openWith(new TlsOptions.Checks(true, false, false, true));

        assertRefused(byList, authority.issue("CN=unlisted"));
        assertRefused(byAnswer, authority.issue("CN=unasked"));
    }

    @Test
    void whoSaysNothingOrHalfAHandshakeIsClosed() throws IOException {
        Acceptor port = open(options(ClientAuth.NEED), true);
        Socket silent = raw(port);
        Socket half = raw(port);
        half.getOutputStream().write(new byte[] {0x16, 3, 1, 0x02, 0, 1, 0});
        Await.until("both are there", () -> server.connections.arriving() == 2);
        Await.until("one has begun", () -> server.connections.handshaking() == 1);

        server.connections.onTick(DETECTION_MS);
        assertTrue(isClosed(silent));
        Await.until("one is left", () -> server.connections.arriving() == 1);
        server.connections.onTick(ClientLimits.DEFAULT.sessionlessMs());
        assertTrue(isClosed(half));

        Await.until("none is left", () -> server.connections.arriving() == 0);
        assertEquals(List.of(Incident.SESSIONLESS, Incident.SESSIONLESS), server.tally.incidents);
    }

    @Test
    void handshakesUnderWayAreBoundedIfAskedFor() throws IOException {
        Acceptor port = open(new TlsDoor(Tls.open(options(ClientAuth.NEED)), false, 1));
        Socket first = raw(port);
        Await.until("it is there", () -> server.connections.arriving() == 1);

        assertTrue(isClosed(raw(port)));
        assertEquals(List.of(Incident.HANDSHAKE_EXCEEDED), server.tally.incidents);
        assertTrue(first.isConnected());
    }

    @Test
    void garbageInsteadOfAHandshakeHurtsNobodyButItsSender()
            throws IOException, MalformedException {
        Acceptor port = open(options(ClientAuth.NEED), true);
        TestClient witness = client(port, authority.issue("CN=witness")).connect();
        for (int round = 0; round < 300; round++) {
            SplittableRandom random = new SplittableRandom(round);
            byte[] garbage = new byte[random.nextInt(1, 3000)];
            random.nextBytes(garbage);
            garbage[0] = 0x16;
            if (random.nextBoolean() && garbage.length > 5) {
                garbage[1] = 3;
                garbage[2] = 1;
                garbage[5] = 1;
            }
            try (Socket socket = raw(port)) {
                socket.getOutputStream().write(garbage);
            } catch (IOException _) {
                // it was closed before all was sent
            }
        }
        witness.send(1, new Request.Exists("/number", false));
        assertEquals(1, witness.header().xid());
        Await.until("they are gone", () -> server.connections.arriving() == 0);
    }

    @Test
    void renewedFilesAreTakenByNewConnectionsAndOldOnesLiveOn()
            throws IOException, MalformedException {
        TlsOptions options = options(ClientAuth.NEED);
        Acceptor port = open(options, false);
        Identity me = authority.issue("CN=client");
        TestClient before = client(port, me).connect();

        Files.writeString(options.keys().file(), "half a file");
        authority.issue("CN=renewed", "localhost").write(options.keys().file());

        Await.until("the new one is shown", () -> shown(port, me).equals("CN=renewed"));
        before.send(1, new Request.Exists("/number", false));
        assertEquals(1, before.header().xid());
    }

    @Test
    void filesThatCannotBeReadLeaveWhatWasRead() throws IOException {
        TlsOptions options = options(ClientAuth.NEED);
        Tls tls = Tls.open(options);
        Acceptor port = open(new TlsDoor(tls, false, 0));
        Identity me = authority.issue("CN=client");

        Files.writeString(options.keys().file(), "no key");
        long lookedNs = tls.lookedNs();
        Await.until(
                "it was looked at",
                () -> shown(port, me).equals("CN=server") && tls.lookedNs() != lookedNs);

        assertEquals("CN=server", shown(port, me));
        assertThrows(IOException.class, () -> Tls.open(options));
    }

    private String shown(Acceptor port, Identity me) {
        try (SSLSocket socket = secure(port, me, "")) {
            X509Certificate certificate =
                    (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return certificate.getSubjectX500Principal().getName();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void passwordMayStandInAFileAndIsNeverShown() throws IOException {
        Path file = Files.writeString(folder.resolve("password"), TestAuthority.PASSWORD + "\n");
        TlsOptions.Password password = new TlsOptions.Password("wrong", file);
        Path keys = authority.issue("CN=server").write(folder.resolve("keys.p12"));
        TlsOptions options =
                new TlsOptions(
                        new TlsOptions.Store(keys, "PKCS12", password),
                        null,
                        new TlsOptions.Handshake("", List.of(), List.of(), ClientAuth.NONE, 1),
                        NO_CHECKS,
                        false);

        Tls.open(options);

        assertEquals(TestAuthority.PASSWORD, String.valueOf(password.read()));
        assertTrue(options.toString().contains("***"), options::toString);
        assertTrue(!options.toString().contains("wrong"), options::toString);
    }

    @Test
    void cipherSuiteThatDoesNotExistIsFoundAtTheStart() {
        TlsOptions plain = options(ClientAuth.NEED);
        TlsOptions wrong =
                new TlsOptions(
                        plain.keys(),
                        plain.trusted(),
                        new TlsOptions.Handshake(
                                "", List.of(), List.of("TLS_NONE"), ClientAuth.NEED, 1),
                        NO_CHECKS,
                        true);

        IOException refusal = assertThrows(IOException.class, () -> Tls.open(wrong));
        assertTrue(String.valueOf(refusal.getMessage()).contains("TLS_NONE"), refusal::toString);
    }

    /** Believes the authority, and has nothing to show. */
    private Socket anonymous(Acceptor at) throws IOException, GeneralSecurityException {
        TlsOptions.Password password = new TlsOptions.Password(TestAuthority.PASSWORD, null);
        Path trusted = authority.writeTrust(folder.resolve("anonymous.p12"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(KeyStores.trusted(new TlsOptions.Store(trusted, "PKCS12", password)));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory()
                .createSocket(raw(at), "localhost", at.localAddress().getPort(), true);
    }
}

package io.loomkeeper.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.admin.Command.Method;
import io.loomkeeper.admin.Command.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AdminServerTest {
    private static final int IDLE_MS = 300;

    private final AtomicBoolean serves = new AtomicBoolean(true);
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Guard.Asker> askers = new CopyOnWriteArrayList<>();
    private Guard.Verdict verdict = Guard.Verdict.ADMITTED;
    private Bytes bulk = new Bytes(100_000, 100_000);
    private AdminServer server;

    /** So many bytes as were announced, or fewer, or more than anybody takes. */
    private record Bytes(long announced, long sent, CountDownLatch closed) implements Command.Bulk {
        Bytes(long announced, long sent) {
            this(announced, sent, new CountDownLatch(1));
        }

        @Override
        public long bytes() {
            return announced;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            for (long left = sent; left > 0; left -= Math.min(left, 50_000)) {
                out.write(new byte[(int) Math.min(left, 50_000)]);
            }
            if (sent < announced) {
                throw new IOException("no more");
            }
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    @BeforeEach
    void open() throws IOException {
        server = open(0);
    }

    private AdminServer open(int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        List<Command> commands =
                List.of(
                        Command.whileServing(
                                List.of("long", "l"),
                                arguments -> Reply.of(new Fields().put("a", arguments.get("a")))),
                        Command.always(List.of("always"), _ -> Reply.error("as it is")),
                        Command.always(
                                List.of("broken"),
                                _ -> {
                                    throw new IllegalStateException("the pipeline gave no answer");
                                }),
                        Command.guarded(
                                List.of("bulk"),
                                Method.GET,
                                _ -> Reply.of(new Fields()).with("last_zxid", "0x1").with(bulk)),
                        Command.guarded(
                                List.of("posted"),
                                Method.POST,
                                _ -> Reply.refused(503, "not now")));
        AdminServer.Health health =
                new AdminServer.Health() {
                    @Override
                    public boolean isLive() {
                        return true;
                    }

                    @Override
                    public boolean isReady() {
                        return serves.get();
                    }

                    @Override
                    public String text() {
                        return "as told";
                    }
                };
        return AdminServer.open(
                new AdminServer.Options(address, "/commands", IDLE_MS, null),
                new AdminServer.Ports(
                        commands,
                        serves::get,
                        asker -> {
                            askers.add(asker);
                            return verdict;
                        },
                        health,
                        sink -> sink.gauge("figure", 7)));
    }

    @AfterEach
    void close() {
        server.close();
        client.close();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    private HttpResponse<String> send(HttpRequest request)
            throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    @Test
    void listHasALinkToEachCommandByItsFirstName() throws Exception {
        for (String path : List.of("/commands", "/commands/")) {
            assertEquals(
                    """
                    <a href="/commands/always">always</a>
                    <br/>
                    <a href="/commands/broken">broken</a>
                    <br/>
                    <a href="/commands/bulk">bulk</a>
                    <br/>
                    <a href="/commands/long">long</a>
                    <br/>
                    <a href="/commands/posted">posted</a>
                    <br/>
                    """,
                    get(path).body());
        }
    }

    @Test
    void commandIsRunByEachOfItsNamesAndAnswersWithTheFirst() throws Exception {
        for (String name : List.of("long", "l")) {
            HttpResponse<String> answer = get("/commands/" + name + "?a=b&a=c");

            assertEquals(200, answer.statusCode());
            assertEquals(
                    "{\n  \"a\" : \"b\",\n  \"command\" : \"long\",\n  \"error\" : null\n}\n",
                    answer.body());
            assertEquals(
                    "application/json", answer.headers().firstValue("Content-Type").orElse(""));
        }
    }

    @Test
    void unknownCommandIsAnErrorTextInA200() throws Exception {
        HttpResponse<String> answer = get("/commands/none%22");

        assertEquals(200, answer.statusCode());
        assertEquals(
                "{\n  \"command\" : \"none\\\"\",\n  \"error\" : \"Unknown command: none\\\"\"\n}\n",
                answer.body());
    }

    @Test
    void serverThatDoesNotServeAnswersOnlyWhatIsAlwaysAnswered() throws Exception {
        serves.set(false);

        assertTrue(
                get("/commands/long").body().contains("is not currently serving requests"), "long");
        assertTrue(get("/commands/always").body().contains("as it is"), "always");
        assertEquals(503, get("/health/ready").statusCode());
        assertEquals(200, get("/health/live").statusCode());
    }

    @Test
    void commandThatFailsIsAnErrorOfTheServer() throws Exception {
        assertEquals(500, get("/commands/broken").statusCode());
    }

    @Test
    void whoServesIsReady() throws Exception {
        assertEquals(200, get("/health/ready").statusCode());
        assertTrue(get("/health/ready").body().contains("as told"), "detail");
    }

    @Test
    void metricsAreTextWithTheFiguresOfTheServerAndOfTheJvm() throws Exception {
        HttpResponse<String> answer = get("/metrics");

        assertTrue(answer.body().contains("\nfigure 7.0\n"), answer.body());
        assertTrue(answer.body().contains("\njvm_threads_current "), answer.body());
        assertEquals(
                "text/plain; version=0.0.4; charset=utf-8",
                answer.headers().firstValue("Content-Type").orElse(""));
    }

    @Test
    void portOfTheMetricsHasNothingElse() throws Exception {
        server.close();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = AdminServer.openMetrics(address, sink -> sink.gauge("figure", 7), false);

        assertEquals(404, get("/commands").statusCode());
        assertEquals(404, get("/health/live").statusCode());
        assertTrue(get("/metrics").body().contains("\nfigure 7.0\n"), "figure");
        assertFalse(get("/metrics").body().contains("jvm_"), "jvm");
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "TRACE", "OPTIONS")) {
            HttpRequest request =
                    HttpRequest.newBuilder(uri("/commands/long"))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build();
            int status = send(request).statusCode();
            assertTrue(status == 404 || status == 405, method + ": " + status);
        }
    }

    private HttpRequest authorized(String path, String authorization) {
        return HttpRequest.newBuilder(uri(path)).header("Authorization", authorization).build();
    }

    @Test
    void whatIsGuardedIsDoneForWhomTheGuardAdmits() throws Exception {
        HttpResponse<String> answer = send(authorized("/commands/bulk", "digest a:b"));

        assertEquals(200, answer.statusCode());
        assertEquals(100_000, answer.body().length());
        assertEquals("100000", answer.headers().firstValue("Content-Length").orElse(""));
        assertEquals("0x1", answer.headers().firstValue("last_zxid").orElse(""));
        assertEquals(
                List.of(new Guard.Asker(InetAddress.getLoopbackAddress(), null, "digest a:b")),
                askers);
        assertTrue(bulk.closed.await(20, TimeUnit.SECONDS), "closed");
    }

    @Test
    void whatIsGuardedIsDoneForNobodyElse() throws Exception {
        HttpResponse<String> answer = get("/commands/bulk");
        assertEquals(401, answer.statusCode());
        assertTrue(answer.body().contains("Auth info is missing for the command"), answer.body());

        verdict = Guard.Verdict.UNKNOWN;
        assertEquals(401, send(authorized("/commands/bulk", "digest a:b")).statusCode());
        verdict = Guard.Verdict.REFUSED;
        assertEquals(403, send(authorized("/commands/bulk", "digest a:b")).statusCode());
        serves.set(false);
        assertTrue(get("/commands/bulk").body().contains("not currently serving"), "serving");
    }

    @Test
    void commandIsAskedForByItsOwnMethod() throws Exception {
        assertEquals(405, get("/commands/posted").statusCode());
        for (String body : List.of("", "a".repeat(5_000))) {
            HttpRequest request =
                    HttpRequest.newBuilder(uri("/commands/posted"))
                            .header("Authorization", "ip")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build();
            assertEquals(503, send(request).statusCode());
        }
    }

    /** What a command does not read is not waited for, nor kept. */
    @Test
    void bodyThatIsAnnouncedCostsNothing() throws Exception {
        for (String length : List.of("9", "9223372036854775807", "-1", "x")) {
            try (Socket socket = connect()) {
                socket.getOutputStream()
                        .write(
                                ("POST /commands/posted HTTP/1.1\r\nHost: a\r\nAuthorization: ip"
                                                + "\r\nContent-Length: "
                                                + length
                                                + "\r\n\r\n")
                                        .getBytes(ISO_8859_1));
                assertFalse(rest(socket).startsWith("HTTP/1.1 200"), length);
            }
        }

        assertEquals(200, get("/health/live").statusCode());
    }

    @Test
    void bulkThatEndsTooEarlyIsSeenToBeCut() throws Exception {
        bulk = new Bytes(100_000, 70_000);

        assertThrows(IOException.class, () -> send(authorized("/commands/bulk", "ip")));
        assertTrue(bulk.closed.await(20, TimeUnit.SECONDS), "closed");
        assertEquals(200, get("/health/live").statusCode());
    }

    @Test
    void whoTakesNothingOfABulkIsCutOff() throws Exception {
        bulk = new Bytes(Long.MAX_VALUE, Long.MAX_VALUE);
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(
                            "GET /commands/bulk HTTP/1.1\r\nHost: a\r\nAuthorization: ip\r\n\r\n"
                                    .getBytes(ISO_8859_1));

            assertTrue(bulk.closed.await(20, TimeUnit.SECONDS), "closed");
        }
    }

    @Test
    void portInUseIsAnExceptionWithTheAddress() {
        int port = server.address().getPort();

        IOException refusal = assertThrows(IOException.class, () -> open(port).close());

        assertTrue(String.valueOf(refusal.getMessage()).contains(":" + port), refusal::toString);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** What comes until the end of the connection; a reset is an end. */
    private static String rest(Socket socket) {
        try {
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("still open", e);
        } catch (IOException _) {
            return "";
        }
    }

    @Test
    void silentConnectionIsClosed() throws Exception {
        try (Socket silent = connect();
                Socket half = connect()) {
            half.getOutputStream().write("GET /comm".getBytes(ISO_8859_1));

            assertEquals("", rest(silent));
            assertFalse(rest(half).startsWith("HTTP/1.1 200"), "half a request");
        }
    }

    @Test
    void garbageEndsItsConnectionAndNothingElse() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[random.nextInt(1, 512)];
            random.nextBytes(bytes);
            try (Socket socket = connect()) {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                assertFalse(rest(socket).startsWith("HTTP/1.1 200"), () -> "garbage");
            }
        }

        assertEquals(200, get("/health/live").statusCode());
    }

    @Test
    void whatIsTooLongIsRefused() throws Exception {
        for (String request :
                List.of(
                        "GET /" + "a".repeat(100_000),
                        "GET / HTTP/1.1\r\nHost: a\r\n" + "a: b\r\n".repeat(20_000),
                        "GET / HTTP/1.1\r\nHost: a\r\na: " + "b".repeat(100_000))) {
            try (Socket socket = connect()) {
                try {
                    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                } catch (IOException _) {
                    // refused before all of it was said
                }
                assertFalse(rest(socket).startsWith("HTTP/1.1 200"), request.substring(0, 20));
            }
        }

        assertEquals(200, get("/health/live").statusCode());
    }
}

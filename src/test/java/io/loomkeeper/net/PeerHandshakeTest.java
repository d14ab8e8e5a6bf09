package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.wire.QuorumAuthCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proofs between two servers, on sockets. */
@Timeout(60)
final class PeerHandshakeTest {
    private static final int PATIENCE_MS = 3000;
    private static final byte[] AFTERWARDS = "afterwards".getBytes(StandardCharsets.US_ASCII);

    private ServerSocketChannel listener;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    /** Who knows the word belongs to us. It has to be said in so many rounds. */
    private record Word(String word, boolean isGiven, boolean isNeeded, int rounds)
            implements PeerProof {
        @Override
        public Exchange giving(String host) {
            return new Giving(word.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public Exchange judging(Set<String> hosts) {
            return new Judging(word.getBytes(StandardCharsets.US_ASCII), rounds);
        }
    }

    private static final class Giving implements PeerProof.Exchange {
        private final byte[] word;
        private boolean done;

        Giving(byte[] word) {
            this.word = word;
        }

        @Override
        public byte @Nullable [] answer(byte[] token) {
            done = Arrays.equals(token, new byte[] {'!'});
            return done ? null : word;
        }

        @Override
        public boolean isDone() {
            return done;
        }
    }

    private static final class Judging implements PeerProof.Exchange {
        private final byte[] word;
        private int left;

        Judging(byte[] word, int rounds) {
            this.word = word;
            left = rounds;
        }

        @Override
        public byte[] answer(byte[] token) throws IOException {
            if (!Arrays.equals(token, word)) {
                throw new IOException("another word");
            }
            left--;
            return isDone() ? new byte[] {'!'} : "more".getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public boolean isDone() {
            return left <= 0;
        }
    }

    /** What is heard behind the proof. */
    private CompletableFuture<String> judge(PeerProof proof) {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try (SocketChannel channel = listener.accept()) {
                                PeerSocket socket = new PeerSocket(channel);
                                PeerHandshake.judge(proof, Set.of(), socket, PATIENCE_MS);
                                heard.complete(afterwards(socket));
                            } catch (IOException e) {
                                heard.completeExceptionally(e);
                            }
                        });
        return heard;
    }

    private static String afterwards(PeerSocket socket) throws IOException {
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        return new String(socket.readFully(AFTERWARDS.length, endNs), StandardCharsets.US_ASCII);
    }

    private void give(PeerProof proof) throws IOException {
        try (SocketChannel channel = SocketChannel.open(listener.getLocalAddress())) {
            PeerSocket socket = new PeerSocket(channel);
            PeerHandshake.give(proof, "host", socket, PATIENCE_MS);
            socket.write(ByteBuffer.wrap(AFTERWARDS));
        }
    }

    /** Says this, and no more; reads until it is closed. */
    private void say(byte[] bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(listener.getLocalAddress())) {
            new PeerSocket(channel).write(ByteBuffer.wrap(bytes));
            channel.shutdownOutput();
            ByteBuffer heard = ByteBuffer.allocate(1000);
            while (channel.read(heard) >= 0) {
                Thread.onSpinWait();
            }
        } catch (SocketException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
        }
    }

    private static Word word(String word) {
        return new Word(word, true, true, 1);
    }

    private static void assertHeard(CompletableFuture<String> heard) throws Exception {
        assertEquals("afterwards", heard.get(2 * PATIENCE_MS, TimeUnit.MILLISECONDS));
    }

    private static void assertRefused(CompletableFuture<String> heard) {
        ExecutionException failure =
                assertThrows(
                        ExecutionException.class,
                        () -> heard.get(2 * PATIENCE_MS, TimeUnit.MILLISECONDS));
        assertTrue(failure.getCause() instanceof IOException, failure::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void whoProvesItselfIsHeard(int rounds) throws Exception {
        CompletableFuture<String> heard = judge(new Word("us", true, true, rounds));

        give(word("us"));

        assertHeard(heard);
    }

    @Test
    void whoDoesNotIsRefusedAndToldSo() {
        CompletableFuture<String> heard = judge(word("us"));

        assertThrows(IOException.class, () -> give(word("them")));
        assertRefused(heard);
    }

    @Test
    void whoSaysNothingOfItIsRefusedWhereAProofIsNeeded() throws IOException {
        CompletableFuture<String> heard = judge(word("us"));

        give(new Word("us", false, false, 1));

        assertRefused(heard);
    }

    @Test
    void whoSaysNothingOfItIsHeardWhereNoneIsNeeded() throws Exception {
        CompletableFuture<String> heard = judge(new Word("us", true, false, 1));

        give(new Word("us", false, false, 1));

        assertHeard(heard);
    }

    @Test
    void roundsHaveAnEnd() {
        CompletableFuture<String> heard = judge(new Word("us", true, true, 100));

        assertThrows(IOException.class, () -> give(word("us")));
        assertRefused(heard);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5f2435013501ed",
                "5f2435013501edcc",
                "5f2435013501edcc00000000",
                "5f2435013501edcc000000007fffffff",
                "5f2435013501edcc00000000fffffffe",
                "5f2435013501edcc0000000000010001",
                "5f2435013501edcc00000000000000050102",
            })
    void garbageIsRefused(String hex) throws IOException {
        CompletableFuture<String> heard = judge(word("us"));

        say(HexFormat.of().parseHex(hex));

        assertRefused(heard);
    }

    @Test
    void packetIsTheOneOfTheProtocol() {
        assertEquals(
                "5f2435013501edcc00000000000000020708",
                HexFormat.of()
                        .formatHex(
                                QuorumAuthCodec.encode(
                                        QuorumAuthCodec.GOES_ON, new byte[] {7, 8})));
        assertEquals(
                "5f2435013501edccffffffffffffffff",
                HexFormat.of().formatHex(QuorumAuthCodec.encode(QuorumAuthCodec.ERROR, null)));
    }
}

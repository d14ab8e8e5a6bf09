package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PromptSendTest {
    private static final int PIECE_BYTES = 4096;
    private static final int PIECES_MAX = 100_000;

    private final byte[] piece = new byte[PIECE_BYTES];
    private SocketChannel near;
    private SocketChannel far;
    private PromptSend socket;

    @BeforeEach
    void connect() throws IOException {
        new SplittableRandom(1).nextBytes(piece);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(loopback, 0));
            near = SocketChannel.open(server.getLocalAddress());
            far = server.accept();
        }
        PromptSend found = PromptSend.of(near);
        assertNotNull(found, "this system, and the flags of config/jvm.options, allow it");
        socket = found;
    }

    @AfterEach
    void close() throws IOException {
        near.close();
        far.close();
    }

    private byte[] received(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            assertTrue(far.read(bytes) > 0);
        }
        return bytes.array();
    }

    @Test
    void sendsThePartThatIsAskedFor() throws IOException {
        assertEquals(100, socket.send(piece, 50, 100));
        byte[] expected = new byte[100];
        System.arraycopy(piece, 50, expected, 0, 100);
        assertArrayEquals(expected, received(100));
    }

    /** Were it to wait, it would wait for ever: nobody reads. */
    @Test
    void fullSocketTakesAPartAndThenNothing() throws IOException {
        int whole = 0;
        int sent = PIECE_BYTES;
        while (sent == PIECE_BYTES && whole < PIECES_MAX) {
            sent = socket.send(piece, 0, PIECE_BYTES);
            whole += sent == PIECE_BYTES ? 1 : 0;
        }
        assertTrue(sent < PIECE_BYTES, "it has taken all");
        for (int i = 0; i < whole; i++) {
            assertArrayEquals(piece, received(PIECE_BYTES));
        }
        received(sent);
        assertEquals(10, socket.send(piece, 0, 10), "there is room again");
    }

    @Test
    void brokenConnectionTakesNothing() throws IOException {
        far.close();
        for (int i = 0; i < PIECES_MAX && socket.send(piece, 0, PIECE_BYTES) > 0; i++) {
            Thread.onSpinWait();
        }
        assertEquals(0, socket.send(piece, 0, PIECE_BYTES));
    }

    /** The descriptor may be another socket's by then. */
    @Test
    void nothingIsSentOnceItIsClosed() throws IOException {
        socket.close();
        assertEquals(0, socket.send(piece, 0, 10));
        near.close();
        assertEquals(-1, far.read(ByteBuffer.allocate(1)), "nothing came before the end");
    }
}

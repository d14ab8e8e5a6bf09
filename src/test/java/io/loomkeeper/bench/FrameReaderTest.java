package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FrameReaderTest {
    private final FrameReader reader = new FrameReader();
    private final ByteBuffer shared = ByteBuffer.allocate(64);
    private final List<String> heads = new ArrayList<>();
    private SocketChannel here;
    private SocketChannel there;

    @BeforeEach
    void connect() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0))) {
            here = SocketChannel.open(listener.getLocalAddress());
            there = listener.accept();
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        here.close();
        there.close();
    }

    @Test
    void framesMayArriveInPiecesOfAnyLength() throws IOException {
        ByteBuffer frames = ByteBuffer.allocate(1000);
        frame(frames, 1, 0);
        frame(frames, 2, 300);
        frame(frames, 3, 7);
        frames.flip();
        for (int piece = 1; piece <= frames.limit(); piece++) {
            heads.clear();
            for (int at = 0; at < frames.limit(); at += piece) {
                feed(frames.slice(at, Math.min(piece, frames.limit() - at)));
            }

            assertEquals(List.of("1 10 -1", "2 20 -2", "3 30 -3"), heads, "pieces of " + piece);
        }
    }

    @Test
    void endOfTheStreamIsTold() throws IOException {
        there.close();

        assertEquals(-1, reader.read(here, shared));
    }

    @Test
    void frameTooShortForAHeadIsRefused() {
        ByteBuffer frame = ByteBuffer.allocate(20).putInt(0, 15);

        assertThrows(IOException.class, () -> feed(frame));
    }

    private void feed(ByteBuffer bytes) throws IOException {
        int left = bytes.remaining();
        there.write(bytes);
        while (left > 0) {
            left -= reader.read(here, shared);
            reader.forEachFrame(
                    shared, (xid, zxid, err) -> heads.add(xid + " " + zxid + " " + err));
        }
    }

    private static void frame(ByteBuffer out, int number, int bodyBytes) {
        out.putInt(16 + bodyBytes).putInt(number).putLong(10L * number).putInt(-number);
        out.put(new byte[bodyBytes]);
    }
}

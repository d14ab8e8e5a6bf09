package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.ResponseCodec;
import io.loomkeeper.net.wire.ResponseCodec.ReplyHeader;
import io.loomkeeper.tree.Request;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A client that sends and receives exactly what it is told to. Waits 10 s for an answer. */
final class TestClient implements AutoCloseable {
    private static final int PATIENCE_MS = 10_000;

    private final Socket socket;
    private final DataInputStream in;

    TestClient(InetSocketAddress server) throws IOException {
        this(connected(server));
    }

    /** One that is connected, perhaps with TLS. */
    TestClient(Socket connected) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    private static Socket connected(InetSocketAddress server) throws IOException {
        Socket socket = new Socket();
        socket.connect(server, PATIENCE_MS);
        return socket;
    }

    static byte[] connectFrame() {
        return connectFrame(new ConnectRequest(0, 4000, 0, TinyPipeline.PASSWD, false));
    }

    static byte[] connectFrame(ConnectRequest request) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        Handshake.encodeRequest(request, out);
        return bytes(out);
    }

    static byte[] frame(int xid, Request request) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        RequestCodec.encode(xid, request, out);
        return bytes(out);
    }

    private static byte[] bytes(JuteOutput out) {
        byte[] bytes = new byte[out.position()];
        out.buffer().getBytes(0, bytes);
        return bytes;
    }

    int port() {
        return socket.getLocalPort();
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void send(byte[] bytes, int from, int to) throws IOException {
        socket.getOutputStream().write(bytes, from, to - from);
    }

    void send(int xid, Request request) throws IOException {
        send(frame(xid, request));
    }

    TestClient connect() throws IOException, MalformedException {
        send(connectFrame());
        assertEquals(TinyPipeline.TIMEOUT_MS, connectResponse().timeoutMs());
        return this;
    }

    ConnectResponse connectResponse() throws IOException, MalformedException {
        return Handshake.decodeResponse(payload());
    }

    /** The header of the next reply or event. */
    ReplyHeader header() throws IOException, MalformedException {
        return ResponseCodec.decodeHeader(payload());
    }

    JuteInput payload() throws IOException {
        byte[] payload = new byte[in.readInt()];
        in.readFully(payload);
        return new JuteInput().wrap(new UnsafeBuffer(payload), 0, payload.length);
    }

    byte[] rest() throws IOException {
        return in.readAllBytes();
    }

    /** Waits for the server to close, one way or the other, without another byte. */
    void assertClosed() throws IOException {
        try {
            assertEquals(-1, in.read());
        } catch (SocketException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("reset"), e.toString());
        }
    }

    /** Reads until the server closes, and keeps nothing. */
    void discardAll() {
        byte[] bytes = new byte[64 * 1024];
        try {
            while (socket.getInputStream().read(bytes) >= 0) {
                Thread.onSpinWait();
            }
        } catch (IOException _) {
            // closed
        }
    }

    /** Whether anything but the end comes. */
    boolean isAnswered() throws IOException {
        try {
            return in.read() >= 0;
        } catch (SocketException _) {
            return false;
        }
    }

    boolean isOpen() {
        return !socket.isClosed();
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

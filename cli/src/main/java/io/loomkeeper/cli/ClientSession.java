package io.loomkeeper.cli;

import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.net.wire.ResponseCodec;
import io.loomkeeper.net.wire.ResponseCodec.ReplyHeader;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One session with a server of either kind: one request at a time, each awaited. It has no watches
 * and sends no pings, so it lasts as long as requests follow each other.
 */
final class ClientSession implements AutoCloseable {
    private static final int TIMEOUT_MS = 30_000;
    private static final int FRAME_BYTES_MAX = 128 << 20;
    private static final int AUTH_XID = -4;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final JuteOutput encoded = new JuteOutput(new ExpandableArrayBuffer());
    private int xid;

    private ClientSession(Socket socket) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /**
     * Connects and opens a session.
     *
     * @throws IOException when nobody is there, or no session is given
     */
    static ClientSession open(InetSocketAddress server) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(server, TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.setTcpNoDelay(true);
            ClientSession session = new ClientSession(socket);
            session.shakeHands();
            return session;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void shakeHands() throws IOException {
        Bytes password = Bytes.of(new byte[Handshake.PASSWD_BYTES]);
        Handshake.encodeRequest(
                new Handshake.ConnectRequest(0, TIMEOUT_MS, 0, password, false), encoded);
        send();
        try {
            if (Handshake.decodeResponse(receive()).sessionId() == 0) {
                throw new IOException("the server gave no session");
            }
        } catch (MalformedException e) {
            throw new IOException(e);
        }
    }

    /** Says who we are; a server that does not believe it ends the connection. */
    void authenticate(String scheme, String identity) throws IOException {
        Request request = new Request.Auth(0, scheme, Bytes.utf8(identity));
        Response answer = ask(AUTH_XID, request);
        if (answer instanceof Response.Failed(var error)) {
            throw new IOException("the server does not take that identity: " + error);
        }
    }

    /** What the server answers; an error is an answer. */
    Response ask(Request request) throws IOException {
        return ask(++xid, request);
    }

    private Response ask(int asXid, Request request) throws IOException {
        RequestCodec.encode(asXid, request, encoded);
        send();
        try {
            JuteInput reply = receive();
            ReplyHeader header = ResponseCodec.decodeHeader(reply);
            if (header.xid() != asXid) {
                throw new IOException("an answer to another request");
            }
            if (header.err() == 0) {
                return ResponseCodec.decodeBody(RequestCodec.opOf(request), reply);
            }
            KeeperError error = KeeperError.ofCode(header.err());
            if (error == null) {
                throw new IOException("error " + header.err());
            }
            return new Response.Failed(error);
        } catch (MalformedException e) {
            throw new IOException(e);
        }
    }

    private void send() throws IOException {
        byte[] frame = new byte[encoded.position()];
        encoded.buffer().getBytes(0, frame);
        encoded.position(0);
        out.write(frame);
        out.flush();
    }

    private JuteInput receive() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > FRAME_BYTES_MAX) {
            throw new IOException("a reply of " + length + " bytes");
        }
        byte[] frame = in.readNBytes(length);
        return new JuteInput().wrap(new UnsafeBuffer(frame), 0, frame.length);
    }

    /** Ends the session. */
    @Override
    public void close() throws IOException {
        try (socket) {
            ask(new Request.CloseSession());
        }
    }
}

package io.loomkeeper.conformance;

import static io.loomkeeper.conformance.Step.How.RIGHT;
import static io.loomkeeper.conformance.Step.How.UNKNOWN_SESSION;
import static io.loomkeeper.conformance.Step.How.WITHOUT_READ_ONLY_FLAG;
import static io.loomkeeper.conformance.Step.How.WRONG_PASSWORD;
import static io.loomkeeper.conformance.Step.How.ZXID_AHEAD;

import io.loomkeeper.conformance.Step.How;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One client's session with one server: its id and password, its connection while there is one. */
final class Session implements AutoCloseable {
    private static final int PASSWORD_LENGTH = 16;
    private static final int TIMEOUT_MS = 60_000;

    private final int port;
    private @Nullable RawClient connection;
    private long id;
    private byte[] password = new byte[PASSWORD_LENGTH];
    private long lastZxid;
    private final List<Long> seen = new ArrayList<>();

    Session(int port) {
        this.port = port;
    }

    long id() {
        return id;
    }

    /**
     * The last zxid that the server had shown when one of this client's steps was over.
     *
     * @param back 0 for the step before this one, 1 for the one before that, …
     */
    long zxidSeen(int back) {
        return seen.isEmpty() ? 0 : seen.get(Math.max(0, seen.size() - 1 - back));
    }

    /** Remembers what {@link #zxidSeen} tells. */
    void endStep() {
        seen.add(lastZxid);
    }

    boolean isConnected() {
        return connection != null;
    }

    /**
     * Asks for a new session, whatever becomes of an older one; returns the ConnectResponse, or an
     * empty array when the server closed instead.
     */
    byte[] open(int timeoutMs, boolean withReadOnlyFlag) {
        id = 0;
        password = new byte[PASSWORD_LENGTH];
        lastZxid = 0;
        return connect(request(timeoutMs, 0, 0, password, withReadOnlyFlag));
    }

    /** Connects once more for the same session; returns as {@link #open}. */
    byte[] reopen(How how) {
        long asked = how == UNKNOWN_SESSION ? id + 0x7777 : id;
        long seen = how == ZXID_AHEAD ? lastZxid + 1_000_000 : lastZxid;
        byte[] secret = password.clone();
        if (how == WRONG_PASSWORD) {
            secret[3] ^= 1;
        }
        assert how == RIGHT || asked != id || seen != lastZxid || how != UNKNOWN_SESSION;
        boolean flag = how != WITHOUT_READ_ONLY_FLAG;
        return connect(request(TIMEOUT_MS, seen, asked, secret, flag));
    }

    private static byte[] request(
            int timeoutMs, long seenZxid, long id, byte[] password, boolean withReadOnlyFlag) {
        FrameOut request = new FrameOut().int4(0).long8(seenZxid).int4(timeoutMs).long8(id);
        request.buffer(password);
        return (withReadOnlyFlag ? request.bool(false) : request).bytes();
    }

    private byte[] connect(byte[] request) {
        RawClient fresh = new RawClient(port);
        fresh.send(List.of(request));
        byte[] response = fresh.take();
        if (connection != null) {
            connection.close();
            connection = null;
        }
        if (response.length == 0 || ByteBuffer.wrap(response).getInt(4) <= 0) {
            fresh.close();
            return response;
        }
        connection = fresh;
        id = ByteBuffer.wrap(response).getLong(8);
        ByteBuffer.wrap(response).get(20, password);
        return response;
    }

    RawClient connection() {
        if (connection == null) {
            throw new IllegalStateException("not connected");
        }
        return connection;
    }

    /** The next frame on the connection; forgets the connection once it is closed. */
    byte[] take() {
        byte[] frame = connection().take();
        if (frame.length == 0) {
            drop();
        } else if (frame.length >= 12) {
            lastZxid = Math.max(lastZxid, ByteBuffer.wrap(frame).getLong(4));
        }
        return frame;
    }

    /** Closes the session, not just the connection, if there ever was one. */
    void end() {
        if (id != 0 && (isConnected() || reopen(RIGHT).length > 0) && isConnected()) {
            connection().send(List.of(new FrameOut().int4(1).int4(Op.CLOSE_SESSION).bytes()));
            while (isConnected()) {
                take();
            }
        }
    }

    void drop() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    @Override
    public void close() {
        drop();
    }
}

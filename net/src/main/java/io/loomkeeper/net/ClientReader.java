package io.loomkeeper.net;

import io.loomkeeper.net.ClientConnection.Stage;
import io.loomkeeper.net.ClientMeter.Incident;
import io.loomkeeper.net.ClientPorts.LocalReads.Version;
import io.loomkeeper.net.SaslConversation.Turn;
import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The virtual thread that reads one client's socket, from the first byte to the end.
 *
 * <p>It answers by itself: four-letter words, auth, and pings and reads without a watch as long as
 * nothing of its connection is in flight ({@link Outbox} says why that looks like one thread). All
 * else goes to the pipeline. When the pipeline has no room, or too many requests are outstanding,
 * it does not read, and the client's TCP window does the rest.
 *
 * <p>What breaks the protocol ends the connection without a reply (protocol 2.8).
 */
final class ClientReader implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientReader.class);

    /** A ConnectRequest has 45 bytes; before there is a session nobody gets more room than this. */
    private static final int CONNECT_BYTES_MAX = 4096;

    private static final int WORD_BYTES = 4;
    private static final String WORD_WITH_ARGUMENT = "stmk";

    /** So much the reader writes itself: a client that waits for it is there to read it. */
    private static final int OWN_FLUSH_BYTES_MAX = 4096;

    private static final int FILLED_WORK = 16;
    private static final int WORK_BEFORE_REST = 64;

    private static final long PAUSE_MIN_NS = 50_000;
    private static final long PAUSE_MAX_NS = 20_000_000;

    private static final long NO_ZXID = 0;
    private static final long UNKNOWN_OP_ZXID = -1;
    private static final Response UNREADABLE = new Response.Failed(KeeperError.MARSHALLING_ERROR);

    private final ClientConnection connection;
    private final Outbox outbox;
    private final ClientLimits limits;
    private final ClientPorts ports;
    private final Connections home;
    private final OutstandingRequests outstanding;
    private final ReplyBudget budget;
    private final FrameBuffer frames;
    private final JuteInput in = new JuteInput();

    /** Null until the client begins with it. */
    private @Nullable SaslConversation sasl;

    /** When the bytes at hand came. */
    private long receivedNs;

    /** Done since the last rest. */
    private int work;

    ClientReader(ClientConnection connection, FrameBuffer frames, Connections home) {
        this.connection = connection;
        this.frames = frames;
        this.home = home;
        outbox = connection.outbox();
        limits = home.limits();
        ports = home.ports();
        outstanding = home.outstandingRequests();
        budget = new ReplyBudget(limits);
        receivedNs = System.nanoTime();
    }

    @Override
    public void run() {
        try {
            if (awaitSession()) {
                serve();
            }
            linger();
        } catch (IOException e) {
            LOG.debug("{} closed: {}", connection.remote(), e.toString());
        } catch (RuntimeException e) {
            LOG.error("{} closed: its reader failed", connection.remote(), e);
        } catch (Error e) {
            ports.fatal().accept(e);
        } finally {
            connection.onReaderEnded();
        }
    }

    /** Reads until the connection is bound to a session; false when it never will be. */
    private boolean awaitSession() throws IOException {
        while (frames.available() < Integer.BYTES) {
            if (!receive()) {
                return false;
            }
        }
        int first = frames.peekInt();
        if (first < 0 || first > CONNECT_BYTES_MAX) {
            onWord();
            return false;
        }
        int length = frames.next(CONNECT_BYTES_MAX);
        while (length == FrameBuffer.INCOMPLETE) {
            if (!receive()) {
                return false;
            }
            length = frames.next(CONNECT_BYTES_MAX);
        }
        onConnectRequest(length);
        return connection.isServing();
    }

    private void onConnectRequest(int length) throws IOException {
        int offset = frames.offset();
        connection.traffic().onReceived(Integer.BYTES + length);
        try {
            Handshake.decodeRequest(in.wrap(frames.buffer(), offset, length));
        } catch (MalformedException e) {
            throw new ProtocolException("ConnectRequest: " + e.getMessage());
        }
        if (!home.admitsHandshake()) {
            ports.meter().onIncident(Incident.REFUSED);
            throw new ProtocolException("too many ConnectRequests");
        }
        connection.await(
                Stage.OPENING,
                () -> ports.sink().offerConnect(connection, frames.buffer(), offset, length),
                PAUSE_MIN_NS,
                PAUSE_MAX_NS);
        connection.await(Stage.OPENING, () -> false, PAUSE_MAX_NS, PAUSE_MAX_NS);
        connection.flush();
    }

    /** What is no length is a four-letter word, if anything (protocol 2.1). */
    private void onWord() throws IOException {
        String word = asciiOf(frames.peekInt());
        long argument = 0;
        if (word.equals(WORD_WITH_ARGUMENT)) {
            argument = awaitArgument();
        }
        String text = ports.words().answer(word, argument);
        if (text == null) {
            throw new ProtocolException("neither a length nor a word");
        }
        connection.traffic().onReceived(WORD_BYTES);
        int bytes = outbox.text(text.getBytes(StandardCharsets.UTF_8));
        connection.traffic().onSentBeside(bytes);
        connection.closeAfterFlush();
    }

    /** The long behind a word; 0 when the client sends no more. */
    private long awaitArgument() throws IOException {
        while (frames.available() < WORD_BYTES + Long.BYTES) {
            if (!receive()) {
                return 0;
            }
        }
        return frames.peekLong(WORD_BYTES);
    }

    private static String asciiOf(int word) {
        byte[] bytes = ByteBuffer.allocate(WORD_BYTES).putInt(word).array();
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void serve() throws IOException {
        do {
            int length = frames.next(limits.frameBytesMax());
            while (length >= 0) {
                if (!connection.isServing() || !onFrame(frames.offset(), length)) {
                    return;
                }
                length = frames.next(limits.frameBytesMax());
            }
            flushOwnReplies();
            maybeRest();
            if (length == FrameBuffer.ILLEGAL) {
                throw new ProtocolException("frame length " + frames.peekInt());
            }
        } while (receive());
    }

    /** Drops what comes until the client or the pipeline closes. */
    private void linger() throws IOException {
        connection.flush();
        do {
            frames.discard();
        } while (receive());
    }

    /** False when no further frame shall be looked at. */
    private boolean onFrame(int offset, int length) throws IOException {
        awaitUncrowded();
        connection.traffic().onReceived(Integer.BYTES + length);
        if (length < RequestCodec.HEADER_BYTES) {
            throw new ProtocolException("frame of " + length + " bytes");
        }
        int xid = RequestCodec.xid(frames.buffer(), offset);
        Op op = Op.ofCode(RequestCodec.opCode(frames.buffer(), offset));
        if (op == null || op == Op.CHECK || op == Op.CREATE_SESSION) {
            // check stands only in a multi since 3.9.3 (protocol 3), createSession on no wire
            return onUnknown(xid);
        }
        Asked asked = new Asked(op, xid, receivedNs);
        if (op == Op.AUTH) {
            return onAuth(asked, offset, length);
        }
        if (op == Op.SASL) {
            return onSasl(asked, offset, length);
        }
        if (!ports.authenticator().admits(connection.identities())) {
            return onUnauthenticated(asked);
        }
        if (!maybeAnswer(asked, offset, length)) {
            awaitRoomForReply(op, offset, length);
            offer(offset, length);
        }
        return op != Op.CLOSE_SESSION;
    }

    /**
     * Refused with zxid -1 (protocol 2.7) after the replies that are under way; the connection
     * lives.
     */
    private boolean onUnknown(int xid) {
        awaitNothingInFlight();
        Response refusal = new Response.Failed(KeeperError.UNIMPLEMENTED);
        int bytes = outbox.replyOutOfOrder(xid, UNKNOWN_OP_ZXID, refusal);
        connection.traffic().onSentBeside(bytes);
        return true;
    }

    private boolean onUnauthenticated(Asked asked) {
        Response refusal = new Response.Failed(KeeperError.SESSION_CLOSED_REQUIRE_SASL_AUTH);
        connection.replyOutOfOrder(asked, NO_ZXID, refusal);
        connection.closeAfterFlush();
        return false;
    }

    /** Handled at once, whatever is in flight (protocol 8.5). */
    private boolean onAuth(Asked asked, int offset, int length) throws IOException {
        Request.Auth auth = decodeAuth(offset, length);
        List<AuthId> all = ports.authenticator().onAuth(auth, connection.identities());
        if (all == null) {
            Response refusal = new Response.Failed(KeeperError.AUTH_FAILED);
            connection.replyOutOfOrder(asked, NO_ZXID, refusal);
            onAuthFailed();
            return false;
        }
        connection.identities(all);
        connection.replyOutOfOrder(asked, NO_ZXID, Response.Empty.INSTANCE);
        return true;
    }

    private Request.Auth decodeAuth(int offset, int length) throws IOException {
        try {
            return (Request.Auth) RequestCodec.decode(Op.AUTH, body(offset, length));
        } catch (MalformedException e) {
            throw new ProtocolException("auth: " + e.getMessage());
        }
    }

    /** Handled at once, token by token (protocol 18.3). */
    private boolean onSasl(Asked asked, int offset, int length) throws IOException {
        Bytes token = decodeSasl(offset, length).token();
        if (sasl == null) {
            sasl = ports.authenticator().startSasl();
        }
        Turn turn =
                sasl == null
                        ? new Turn.Refused(KeeperError.AUTH_FAILED)
                        : sasl.onToken(
                                token == null ? Bytes.EMPTY : token, connection.identities());
        return switch (turn) {
            case Turn.Reply(var reply, var identities) -> {
                connection.identities(identities);
                sendSasl(asked, KeeperError.OK, reply);
                yield true;
            }
            case Turn.Refused(var error) -> {
                sendSasl(asked, error, null);
                onAuthFailed();
                yield false;
            }
        };
    }

    private void sendSasl(Asked asked, KeeperError error, @Nullable Bytes token) {
        int bytes = outbox.sasl(asked.xid(), error, token);
        connection.traffic().onReplied(asked, NO_ZXID, bytes);
    }

    private Request.Sasl decodeSasl(int offset, int length) throws IOException {
        try {
            return (Request.Sasl) RequestCodec.decode(Op.SASL, body(offset, length));
        } catch (MalformedException e) {
            throw new ProtocolException("sasl: " + e.getMessage());
        }
    }

    private void onAuthFailed() {
        ports.meter().onIncident(Incident.AUTH_FAILED);
        connection.closeAfterFlush();
    }

    /** Answers a ping or a plain read from the published version; false if the pipeline must. */
    private boolean maybeAnswer(Asked asked, int offset, int length) {
        boolean isRead = asked.op().kind() == Op.Kind.READ || asked.op() == Op.PING;
        if (!isRead || outbox.inFlight() != 0) {
            return false;
        }
        Version version = ports.reads().published();
        Response answer = answer(asked.op(), version, body(offset, length));
        if (answer == null) {
            return false;
        }
        long latencyNs = connection.offerRead(asked, version.zxid(), answer);
        if (latencyNs > ports.meter().slowNs()) {
            onSlow(asked, latencyNs, body(offset, length));
        }
        return latencyNs >= 0;
    }

    private void onSlow(Asked asked, long latencyNs, JuteInput body) {
        try {
            if (asked.op() != Op.PING
                    && RequestCodec.decode(asked.op(), body) instanceof Request.Read read) {
                ports.meter().onSlowRead(asked, connection.sessionId(), read, latencyNs);
            }
        } catch (MalformedException _) {
            // it was answered so
        }
    }

    private @Nullable Response answer(Op op, Version version, JuteInput body) {
        if (op == Op.PING) {
            return Response.Empty.INSTANCE;
        }
        try {
            return RequestCodec.decode(op, body) instanceof Request.Read read && !setsWatch(read)
                    ? read(version, read)
                    : null;
        } catch (MalformedException _) {
            return UNREADABLE;
        }
    }

    private Response read(Version version, Request.Read read) {
        return version.read(read, connection.sessionId(), connection.identities());
    }

    private static boolean setsWatch(Request.Read read) {
        return switch (read) {
            case Request.GetData get -> get.watch();
            case Request.Exists exists -> exists.watch();
            case Request.GetChildren get -> get.watch();
            case Request.GetAcl _,
                    Request.GetAllChildrenNumber _,
                    Request.GetEphemerals _,
                    Request.MultiRead _,
                    Request.WhoAmI _ ->
                    false;
            case Request.SetWatches _,
                    Request.AddWatch _,
                    Request.CheckWatches _,
                    Request.RemoveWatches _ ->
                    true;
        };
    }

    private JuteInput body(int offset, int length) {
        int header = RequestCodec.HEADER_BYTES;
        return in.wrap(frames.buffer(), offset + header, length - header);
    }

    /**
     * Replies that the pipeline will make count before they are made: it makes them faster than a
     * socket takes them, and an outbox that is too full is cut off.
     */
    private void awaitRoomForReply(Op op, int offset, int length) {
        if (budget.looksAt(op, outbox.inFlight())
                && !budget.take(expectedBytes(op, offset, length))) {
            awaitNothingInFlight();
            awaitUncrowded();
        }
    }

    private long expectedBytes(Op op, int offset, int length) {
        if (op == Op.MULTI) {
            return ReplyBudget.MULTI_GROWTH * length;
        }
        try {
            return RequestCodec.decode(op, body(offset, length)) instanceof Request.Read read
                    ? read(ports.reads().published(), read).bodyBytes()
                    : 0;
        } catch (MalformedException _) {
            return 0;
        }
    }

    private void offer(int offset, int length) {
        awaitFewerOutstanding();
        outbox.begin();
        if (!offerOnce(offset, length) && !awaitRoom(offset, length)) {
            outbox.completed(1);
        }
    }

    private boolean offerOnce(int offset, int length) {
        return ports.sink().offer(connection, receivedNs, frames.buffer(), offset, length);
    }

    /** Offers until the pipeline takes it; false when the connection ends before. */
    private boolean awaitRoom(int offset, int length) {
        connection.wake();
        return connection.await(
                Stage.SERVING, () -> offerOnce(offset, length), PAUSE_MIN_NS, PAUSE_MAX_NS);
    }

    /** The server's limit on requests in flight (protocol 2.1). */
    private void awaitFewerOutstanding() {
        if (!mayOffer()) {
            connection.wake();
            connection.await(Stage.SERVING, this::mayOffer, PAUSE_MAX_NS, PAUSE_MAX_NS);
        }
    }

    private boolean mayOffer() {
        return outbox.inFlight() == 0 || !outstanding.isOverLimit();
    }

    /** A client that does not read its replies gets no more of them. */
    private void awaitUncrowded() {
        if (outbox.isCrowded()) {
            connection.wake();
            connection.await(Stage.SERVING, () -> !outbox.isCrowded(), PAUSE_MAX_NS, PAUSE_MAX_NS);
        }
    }

    private void awaitNothingInFlight() {
        connection.wake();
        connection.await(Stage.SERVING, () -> outbox.inFlight() == 0, PAUSE_MAX_NS, PAUSE_MAX_NS);
    }

    /**
     * A few bytes are written here and now; more are the writer's, so that a client that sends much
     * before it reads never finds nobody reading.
     */
    private void flushOwnReplies() throws IOException {
        if (outbox.waitingBytes() <= OWN_FLUSH_BYTES_MAX) {
            connection.flush();
        } else {
            connection.wake();
        }
    }

    /** After a while of reading it is others' turn; sooner when there is always more to read. */
    private void maybeRest() {
        work += frames.wasFilled() ? FILLED_WORK : 1;
        if (work >= WORK_BEFORE_REST) {
            work = 0;
            ClientConnection.rest();
        }
    }

    private boolean receive() throws IOException {
        if (!frames.receive(connection.bytes())) {
            return false;
        }
        connection.onHeard();
        receivedNs = System.nanoTime();
        return true;
    }
}

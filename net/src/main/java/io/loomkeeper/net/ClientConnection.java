package io.loomkeeper.net;

import io.loomkeeper.net.ClientMeter.Incident;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Response;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's socket, with two virtual threads: one reads ({@link ClientReader}), one writes.
 *
 * <p>The writer is started when there is first something to write that neither the reader nor the
 * pipeline ({@link PromptSend}) writes. It takes all that the outbox holds, writes it, and parks. A
 * write may block for as long as the client does not read; nobody waits for it.
 *
 * <pre>
 *   OPENING   no session yet: a four-letter word, or a ConnectRequest on its way through the pipeline
 *   SERVING   bound to a session
 *   ENDING    what is in the outbox leaves, then our side of the stream is shut; what still comes is
 *             dropped, so that closing does not reset the connection under the client's last replies
 *   CLOSED
 * </pre>
 *
 * Stages only move forward. OPENING and ENDING have a deadline, kept by {@link Connections}.
 */
final class ClientConnection implements ClientLink {
    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
    private static final int WRITE_BYTES_MAX = 128 * 1024;

    /** What the pipeline itself sends. More is copied in more time than a writer takes to wake. */
    private static final int PROMPT_BYTES_MAX = 4096;

    private static final int CHUNKS_BEFORE_REST = 16;
    private static final int PING_XID = -2;
    private static final long END_PAUSE_MIN_NS = 100_000;
    private static final long END_PAUSE_MAX_NS = 50_000_000;

    enum Stage {
        OPENING,
        SERVING,
        ENDING,
        CLOSED
    }

    private final long id;
    private final ClientStream stream;
    private final ByteChannel bytes;
    private final @Nullable PromptSend prompt;
    private final Connections home;
    private final Outbox outbox;
    private final ConnectionTraffic traffic;
    private final Thread reader;

    private volatile @Nullable Thread writer;
    private volatile Stage stage = Stage.OPENING;
    private volatile List<AuthId> identities;
    private volatile long sessionId;
    private volatile int timeoutMs;
    private volatile long lastHeardMs;
    private volatile long deadlineMs;

    /** Set while the reader waits for the pipeline. */
    private volatile boolean readerWaits;

    ClientConnection(long id, ClientStream stream, Connections home) {
        this.id = id;
        this.stream = stream;
        bytes = stream.bytes();
        prompt = stream.isEncrypted() ? null : PromptSend.of(stream.channel());
        this.home = home;
        outbox = new Outbox(home.limits().outboxBytesMax(), home.outstandingRequests());
        traffic = new ConnectionTraffic(home.ports().meter(), System.currentTimeMillis());
        identities = stream.identities();
        lastHeardMs = home.nowMs();
        deadlineMs = lastHeardMs + home.limits().sessionlessMs();
        reader =
                Thread.ofVirtual()
                        .name("client-" + id + "-read")
                        .unstarted(new ClientReader(this, stream.received(), home));
    }

    void start() {
        reader.start();
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public InetSocketAddress remote() {
        return stream.remote();
    }

    @Override
    public boolean isEncrypted() {
        return stream.isEncrypted();
    }

    @Override
    public List<AuthId> identities() {
        return identities;
    }

    @Override
    public long sessionId() {
        return sessionId;
    }

    @Override
    public long lastHeardMs() {
        return lastHeardMs;
    }

    @Override
    public ConnectionStats stats() {
        return traffic.stats(outbox.inFlight(), timeoutMs);
    }

    @Override
    public void resetStats() {
        traffic.reset();
    }

    ByteChannel bytes() {
        return bytes;
    }

    Outbox outbox() {
        return outbox;
    }

    ConnectionTraffic traffic() {
        return traffic;
    }

    // ---- the pipeline's side

    @Override
    public void connected(ConnectResponse response) {
        sessionId = response.sessionId();
        timeoutMs = response.timeoutMs();
        // before the stage, which lets the reader answer requests
        traffic.onSentBeside(outbox.connectResponse(response));
        if (advance(Stage.SERVING)) {
            home.onConnected(this);
            LockSupport.unpark(reader);
        }
    }

    @Override
    public void refused(ConnectResponse response) {
        traffic.onSentBeside(outbox.connectResponse(response));
        closeAfterFlush();
    }

    @Override
    public void reply(Asked asked, long zxid, Response body) {
        int xid = asked.op() == Op.PING ? PING_XID : asked.xid();
        try {
            onQueued(asked, zxid, outbox.reply(xid, zxid, body));
        } catch (RuntimeException e) {
            onUnencodable(asked.op(), e);
        }
    }

    @Override
    public void event(long zxid, EventType type, String path) {
        int bytes = outbox.event(zxid, type, path);
        if (bytes == Outbox.DROPPED) {
            onDropped();
        } else {
            traffic.onEvent(bytes);
        }
    }

    @Override
    public void completed(int count) {
        outbox.completed(count);
        if (readerWaits) {
            LockSupport.unpark(reader);
        }
    }

    @Override
    public void wake() {
        if (outbox.needsFlush()) {
            LockSupport.unpark(writerStarted());
        }
    }

    @Override
    public void sendOrWake() {
        if (outbox.needsFlush() && !sendPromptly()) {
            LockSupport.unpark(writerStarted());
        }
    }

    /** False when something is left for the writer. */
    private boolean sendPromptly() {
        PromptSend socket = prompt;
        if (socket == null || outbox.waitingBytes() > PROMPT_BYTES_MAX) {
            return false;
        }
        if (!outbox.beginFlush()) {
            return true;
        }
        for (Chunk chunk = outbox.next(); chunk != null; chunk = outbox.next()) {
            long beganNs = System.nanoTime();
            chunk.onSent(socket.send(chunk.array(), chunk.sent(), chunk.length() - chunk.sent()));
            home.ports().meter().onWritten(System.nanoTime() - beganNs);
            if (chunk.sent() < chunk.length()) {
                outbox.giveBack(chunk);
                return false;
            }
            outbox.written(chunk);
        }
        return !outbox.isFlushedAndClosing();
    }

    // ---- closing

    @Override
    public void closeAfterFlush() {
        deadlineMs = home.nowMs() + home.limits().sessionlessMs();
        if (!advance(Stage.ENDING)) {
            return;
        }
        home.onEnding(this);
        outbox.closeAfterFlush();
        LockSupport.unpark(reader);
        wake();
    }

    @Override
    public void close() {
        if (advance(Stage.CLOSED)) {
            outbox.close();
            // another thread, because closing a socket is a system call or several
            Thread.ofVirtual().name("client-" + id + "-close").start(this::closeChannel);
        }
    }

    private void closeChannel() {
        if (prompt != null) {
            prompt.close();
        }
        try {
            bytes.close();
        } catch (IOException e) {
            LOG.debug("{} does not close: {}", remote(), e.toString());
        }
        LockSupport.unpark(reader);
        LockSupport.unpark(writer);
    }

    /** Moves to a later stage; false when it is that one or a later one already. */
    private synchronized boolean advance(Stage next) {
        if (stage.compareTo(next) >= 0) {
            return false;
        }
        stage = next;
        return true;
    }

    boolean isServing() {
        return stage == Stage.SERVING;
    }

    boolean isClosed() {
        return stage == Stage.CLOSED;
    }

    /** Closes when the time for the present stage is over. */
    void onTick(long nowMs) {
        if (nowMs >= deadlineMs && stage != Stage.SERVING) {
            LOG.debug("{} closed: {} for too long", remote(), stage);
            if (stage == Stage.OPENING) {
                home.ports().meter().onIncident(Incident.SESSIONLESS);
            }
            close();
        }
    }

    /** Returns how long after the request's arrival that is; 0 when nobody gets it. */
    private long onQueued(Asked asked, long zxid, int bytes) {
        if (bytes == Outbox.DROPPED) {
            onDropped();
            return 0;
        }
        return traffic.onReplied(asked, zxid, bytes);
    }

    private void onDropped() {
        if (outbox.isClosed() && stage != Stage.CLOSED) {
            LOG.warn(
                    "{} session 0x{} cut off: {} bytes unread",
                    remote(),
                    Long.toHexString(sessionId),
                    outbox.waitingBytes());
            home.ports().meter().onIncident(Incident.CUT_OFF);
            close();
        }
    }

    private void onUnencodable(Op op, RuntimeException e) {
        LOG.error("{} closed: no reply to its {}", remote(), op, e);
        close();
    }

    // ---- the reader's side

    void onHeard() {
        lastHeardMs = home.nowMs();
    }

    /** Reader: who the client is from now on. */
    void identities(List<AuthId> all) {
        identities = List.copyOf(all);
    }

    /**
     * Queues a direct reply.
     *
     * @return ns since the request's arrival; -1 when the pipeline has to answer instead
     */
    long offerRead(Asked asked, long zxid, Response body) {
        int xid = asked.op() == Op.PING ? PING_XID : asked.xid();
        int bytes = outbox.offerRead(xid, zxid, body);
        return bytes == Outbox.TOO_OLD ? -1 : onQueued(asked, zxid, bytes);
    }

    /** Queues a reply that stands outside the order of zxids. */
    void replyOutOfOrder(Asked asked, long zxid, Response body) {
        onQueued(asked, zxid, outbox.replyOutOfOrder(asked.xid(), zxid, body));
    }

    /** What the reader waits for; may have an effect when it comes true. */
    interface Condition {
        boolean holds();
    }

    /**
     * Reader: parks until the condition holds; it is looked at again after each completion, after
     * each write, and after pauses that double up to {@code pauseMaxNs}. False when the connection
     * is in another stage than {@code during} before.
     */
    boolean await(Stage during, Condition condition, long pauseMinNs, long pauseMaxNs) {
        long pauseNs = pauseMinNs;
        readerWaits = true;
        try {
            while (stage == during) {
                if (condition.holds()) {
                    return true;
                }
                LockSupport.parkNanos(this, pauseNs);
                pauseNs = Math.min(2 * pauseNs, pauseMaxNs);
            }
            return false;
        } finally {
            readerWaits = false;
        }
    }

    /** Reader: the last thing it does. */
    void onReaderEnded() {
        close();
        home.onClosed(this);
        long pauseNs = END_PAUSE_MIN_NS;
        while (!home.ports().sink().offerClosed(this)) {
            LockSupport.parkNanos(this, pauseNs);
            pauseNs = Math.min(2 * pauseNs, END_PAUSE_MAX_NS);
        }
    }

    // ---- writing

    /** Writes what is in the outbox, unless somebody else is at it. May block. */
    void flush() throws IOException {
        if (!outbox.beginFlush()) {
            return;
        }
        int chunks = 0;
        for (Chunk chunk = outbox.next(); chunk != null; chunk = outbox.next()) {
            write(chunk.content());
            outbox.written(chunk);
            if (readerWaits) {
                LockSupport.unpark(reader);
            }
            if (++chunks % CHUNKS_BEFORE_REST == 0) {
                rest();
            }
        }
        if (outbox.isFlushedAndClosing()) {
            stream.endOutput();
        }
    }

    /**
     * Virtual threads are not preempted: one that always finds bytes to read, or room to write,
     * would keep its carrier for ever, and with it everybody who has something to read from a
     * socket. A yield does not help them: carriers prefer those that yield to those that a socket
     * wakes.
     */
    static void rest() {
        LockSupport.parkNanos(1);
    }

    private void write(ByteBuffer content) throws IOException {
        long beganNs = System.nanoTime();
        int end = content.limit();
        while (content.position() < end) {
            content.limit(Math.min(end, content.position() + WRITE_BYTES_MAX));
            bytes.write(content);
        }
        home.ports().meter().onWritten(System.nanoTime() - beganNs);
    }

    private Thread writerStarted() {
        Thread started = writer;
        return started == null ? startWriter() : started;
    }

    private synchronized Thread startWriter() {
        Thread started = writer;
        if (started == null) {
            started = Thread.ofVirtual().name("client-" + id + "-write").start(this::runWriter);
            writer = started;
        }
        return started;
    }

    private void runWriter() {
        try {
            while (stage != Stage.CLOSED) {
                flush();
                LockSupport.park(this);
            }
        } catch (IOException e) {
            LOG.debug("{} closed: {}", remote(), e.toString());
        } catch (RuntimeException e) {
            LOG.error("{} closed: its writer failed", remote(), e);
        } catch (Error e) {
            home.ports().fatal().accept(e);
        } finally {
            close();
        }
    }
}

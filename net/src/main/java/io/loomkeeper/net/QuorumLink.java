package io.loomkeeper.net;

import io.loomkeeper.net.LinkQueue.Item;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.QuorumCodec.Sender;
import io.loomkeeper.net.wire.QuorumDecoder;
import io.loomkeeper.zab.Message;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.function.Predicate;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection between a leader and a learner, with two threads: one opens it or goes on with an
 * identified one, reads and hands over messages; one writes what is in the queue ({@link
 * QuorumWriter}). A write may block for as long as the other end does not read; nobody waits for
 * it, and the queue is bounded.
 *
 * <pre>
 *   dialled   reader connects ──> LinkUp ──> messages … ──> LinkDown
 *   accepted  reader waits for a member's FollowerInfo or ObserverInfo
 *                              ──> Accepted ──> messages … ──> LinkDown
 * </pre>
 *
 * Whatever ends it closes the socket, and the reader says LinkDown as its last deed, unless the
 * core closed the link itself.
 */
final class QuorumLink {
    private static final Logger LOG = LoggerFactory.getLogger(QuorumLink.class);

    private static final int STRANGERS_PACKET_BYTES_MAX = 1024;
    private static final int STRANGERS_READ_BYTES = 512;
    private static final int READ_BYTES = 64 << 10;
    private static final long PROGRESS_PAUSE_NS = 50_000_000;
    private static final long NS_PER_MS = 1_000_000;

    private final long id;
    private final QuorumLinks home;
    private final PeerOptions options;
    private final LinkQueue queue;
    private final QuorumWriter writer;
    private final QuorumDecoder decoder;
    private final LinkTraffic traffic = new LinkTraffic();
    private final long establishedMs = System.currentTimeMillis();

    /** Whom to dial; -1 on a link that was accepted. */
    private final long dialled;

    private volatile @Nullable PeerSocket socket;
    private volatile boolean shut;
    private volatile boolean closedHere;
    private volatile boolean isUpToDate;

    /** What the learner said of itself; null on a link that has none or does not know yet. */
    private volatile @Nullable Introduction learner;

    private volatile String why = "";

    // The reader's own.
    private byte[] received = new byte[STRANGERS_READ_BYTES];
    private UnsafeBuffer receivedBuffer = new UnsafeBuffer(received);
    private boolean announced;
    private long heardOfWrittenBytes;
    private long readProgressNs;

    private record Introduction(long sid, boolean isObserver, String remote) {}

    private QuorumLink(long id, QuorumLinks home, long dialled, @Nullable PeerSocket socket) {
        this.id = id;
        this.home = home;
        this.options = home.options();
        this.dialled = dialled;
        this.socket = socket;
        queue = new LinkQueue(options.limits().queueBytesMax());
        writer = new QuorumWriter(this, queue, traffic, home.ports());
        boolean toLeader = socket == null;
        decoder =
                new QuorumDecoder(
                        toLeader ? Sender.LEADER : Sender.LEARNER,
                        options.tree(),
                        toLeader ? options.limits().packetBytesMax() : STRANGERS_PACKET_BYTES_MAX);
    }

    /** One that has still to be opened. */
    static QuorumLink dialling(long id, long sid, QuorumLinks home) {
        return new QuorumLink(id, home, sid, null);
    }

    static QuorumLink accepted(long id, PeerSocket socket, QuorumLinks home) {
        return new QuorumLink(id, home, -1, socket);
    }

    /** Whoever dials us has no thread of the system before it has shown that it is a member. */
    void start() {
        if (socket == null) {
            startThread("read", this::runReader);
        } else {
            Thread.ofVirtual().name("quorum-" + id + "-hello").start(this::runHello);
        }
    }

    /**
     * Links are few, and each packet waits for their threads: the kernel wakes those of the system
     * with one switch, virtual ones with three.
     */
    private void startThread(String what, Runnable body) {
        Thread.ofPlatform().name("quorum-" + id + "-" + what).daemon().start(body);
    }

    long id() {
        return id;
    }

    /** What went over it; null as long as there is no learner at its other end. */
    PeerLinks.@Nullable LearnerLink carried() {
        Introduction known = learner;
        return known == null
                ? null
                : new PeerLinks.LearnerLink(
                        known.sid,
                        known.isObserver,
                        known.remote,
                        establishedMs,
                        queue.waiting(),
                        new PeerLinks.Packets(
                                traffic.received(),
                                traffic.requests(),
                                traffic.sent(),
                                traffic.lastZxid()));
    }

    void resetTraffic() {
        traffic.reset();
    }

    // ---- the writer's side

    boolean isShut() {
        return shut;
    }

    /** The learner has been told, or is going to be, that it serves from now on. */
    void onUpToDate() {
        isUpToDate = true;
    }

    /** Whose link it is; -1 where there is no learner, or none that is known. */
    long learnerSid() {
        Introduction known = learner;
        return known == null ? -1 : known.sid;
    }

    // ---- the pipeline's side

    /** Whatever is sent until {@link #flush} leaves in as few writes as can be. */
    void send(Item item) {
        if (!queue.add(item)) {
            breakOff("too much waits for it");
        }
    }

    /** What was sent leaves. */
    void flush() {
        writer.sendOrWake();
    }

    /** Nothing more is heard of it. */
    void close() {
        closedHere = true;
        shut();
    }

    /** Ends it from this side, as if it had broken. */
    void breakOff(String reason) {
        why = reason;
        shut();
    }

    private void shut() {
        shut = true;
        queue.close();
        PeerSocket open = socket;
        if (open != null) {
            open.closeBeside();
        }
    }

    // ---- reading

    private void runHello() {
        if (isThrough(() -> identify(opened()))) {
            startThread("read", this::runReader);
        } else {
            end();
        }
    }

    private void runReader() {
        if (socket != null || isThrough(this::dial)) {
            isThrough(() -> receiveAll(opened()));
        }
        end();
    }

    private interface Reading {
        void run() throws IOException, MalformedException;
    }

    /** False when the link is at its end. */
    private boolean isThrough(Reading reading) {
        try {
            reading.run();
            return true;
        } catch (EOFException e) {
            onBroken("closed by the other end");
        } catch (IOException e) {
            onBroken(String.valueOf(e.getMessage()));
        } catch (MalformedException e) {
            onBroken("malformed: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("quorum link {} dropped: its reader failed", id, e);
        } catch (Error e) {
            home.ports().fatal().accept(e);
        }
        return false;
    }

    private PeerSocket opened() throws IOException {
        PeerSocket open = socket;
        if (open == null) {
            throw new IOException("closed");
        }
        return open;
    }

    private void onBroken(String reason) {
        if (!closedHere) {
            LOG.info("quorum link {} is down: {}", id, why.isEmpty() ? reason : why);
        }
    }

    private void end() {
        shut();
        PeerSocket open = socket;
        if (open != null) {
            open.close();
        }
        home.onEnded(this);
        if (announced) {
            offer(sink -> sink.offerLinkDown(id));
        }
    }

    /** Puts something into the sink, waiting while it is full. */
    private void offer(Predicate<PeerSink> message) {
        home.ports().offer(() -> closedHere, message);
    }

    private void dial() throws IOException {
        announced = true;
        PeerSocket open = PeerSockets.connect(home.quorumAddresses(dialled), options);
        socket = open;
        if (shut) {
            throw new IOException("closed");
        }
        if (options.proof() != null) {
            PeerHandshake.give(options.proof(), open.host(), open, options.timeouts().helloMs());
        }
        becomeOpen();
        offer(sink -> sink.offerLinkUp(id));
    }

    /** Waits for the first packet: who is not of the ensemble, gets nothing. */
    private void identify(PeerSocket open) throws IOException, MalformedException {
        Runnable closer = this::close;
        home.strangers().add(closer);
        Message first;
        long endNs = System.nanoTime() + options.timeouts().helloMs() * NS_PER_MS;
        try {
            open.accept(options.tls(), options.timeouts().helloMs());
            if (options.proof() != null) {
                PeerHandshake.judge(
                        options.proof(), home.hosts(), open, options.timeouts().helloMs());
            }
            first = decoder.next();
            while (first == null) {
                receive(open, (endNs - System.nanoTime()) / NS_PER_MS);
                first = decoder.next();
            }
        } finally {
            home.strangers().remove(closer);
        }
        long sid = home.memberOf(first);
        open.requireNameOf(home.hosts(sid));
        decoder.dataBytesMax(options.limits().packetBytesMax());
        learner = new Introduction(sid, first instanceof Message.ObserverInfo, open.remote());
        home.onIdentified(sid, this);
        announced = true;
        becomeOpen();
        offer(sink -> sink.offerAccepted(id));
        deliver(first);
    }

    private void becomeOpen() {
        received = new byte[READ_BYTES];
        receivedBuffer = new UnsafeBuffer(received);
        PeerSocket open = socket;
        assert open != null;
        startThread("write", () -> writer.run(open));
    }

    private void receiveAll(PeerSocket open) throws IOException, MalformedException {
        while (!shut) {
            for (Message next = decoder.next(); next != null; next = decoder.next()) {
                deliver(next);
            }
            receivePatiently(open);
        }
    }

    private void deliver(Message message) {
        traffic.onReceived(message instanceof Message.Forward);
        if (message instanceof Message.UpToDate) {
            isUpToDate = true;
        }
        offer(sink -> sink.offerMessage(id, message));
    }

    /** A silence while the other end takes what we send is no silence. */
    private void receivePatiently(PeerSocket open) throws IOException {
        while (true) {
            try {
                receive(open, silenceMsMax());
                heardOfWrittenBytes = writer.writtenBytes();
                if (decoder.isInImage()) {
                    readProgressNs = maybeProgress(readProgressNs);
                }
                return;
            } catch (SocketTimeoutException e) {
                if (isUpToDate || writer.writtenBytes() == heardOfWrittenBytes) {
                    throw e;
                }
                heardOfWrittenBytes = writer.writtenBytes();
            }
        }
    }

    private int silenceMsMax() {
        return isUpToDate ? options.timeouts().syncMs() : options.timeouts().initMs();
    }

    private void receive(PeerSocket open, long timeoutMs) throws IOException {
        int length = open.read(received, timeoutMs);
        if (length < 0) {
            throw new EOFException();
        }
        decoder.receive(receivedBuffer, 0, length);
    }

    /** Tells of progress, if that is some time ago; returns when it was told last. */
    long maybeProgress(long toldNs) {
        long nowNs = System.nanoTime();
        if (nowNs - toldNs < PROGRESS_PAUSE_NS) {
            return toldNs;
        }
        home.ports().sink().offerProgress(id);
        return nowNs;
    }
}

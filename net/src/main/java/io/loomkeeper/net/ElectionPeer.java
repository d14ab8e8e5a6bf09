package io.loomkeeper.net;

import io.loomkeeper.net.wire.ElectionHello;
import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.zab.Notification;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another server, as seen from the election port: what it has still to be told, and the one link to
 * it (protocol 16.1, 16.2).
 *
 * <p>Of two servers the one with the larger id opens the link that is kept. The other one connects
 * too, to say that it wants one, closes, and is called back. There is a dialler, a virtual thread,
 * while there is something to be told and no link. It tries again after pauses that double; nobody
 * waits for it.
 */
final class ElectionPeer {
    private static final Logger LOG = LoggerFactory.getLogger(ElectionPeer.class);

    private static final long PAUSE_MIN_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long PAUSE_MAX_NS = TimeUnit.SECONDS.toNanos(1);

    /** A link that is younger was not yet known to who asks for a new one. */
    private static final long YOUNG_NS = TimeUnit.SECONDS.toNanos(1);

    /** So many notifications, and no answer for cnxTimeout: the link is half open. */
    private static final int UNANSWERED_MAX = 4;

    private final long sid;
    private final ElectionLinks home;

    // All below is guarded by this.
    private @Nullable Notification pending;
    private @Nullable Notification lastSent;
    private @Nullable ElectionLink link;
    private long linkedNs;
    private @Nullable Thread dialler;
    private boolean wantsLink;
    private boolean closed;
    private @Nullable Boolean reported;
    private int unanswered;
    private long heardNs;

    ElectionPeer(long sid, ElectionLinks home) {
        this.sid = sid;
        this.home = home;
    }

    long sid() {
        return sid;
    }

    ElectionLinks home() {
        return home;
    }

    /** Has it told this, in place of what it could not be told yet. */
    synchronized void notify(Notification notification) {
        pending = notification;
        ElectionLink present = link;
        if (present == null) {
            startDialler();
            return;
        }
        if (unanswered >= UNANSWERED_MAX && System.nanoTime() - heardNs > silenceNsMax()) {
            LOG.info("server {} does not answer: its election link is opened anew", sid);
            present.close();
        }
        present.wake();
    }

    private long silenceNsMax() {
        return TimeUnit.MILLISECONDS.toNanos(home.options().timeouts().connectMs());
    }

    /** The link's reader has heard something. */
    synchronized void onHeard() {
        unanswered = 0;
        heardNs = System.nanoTime();
    }

    /** The next thing to tell over {@code asking}; null when there is none now. */
    synchronized @Nullable Notification poll(ElectionLink asking) {
        Notification next = link == asking ? pending : null;
        if (next != null) {
            pending = null;
            lastSent = next;
            unanswered++;
        }
        return next;
    }

    /** It has connected, and its id is smaller: it wants to be called (protocol 16.1). */
    synchronized void onCalled() {
        ElectionLink present = link;
        if (present != null && System.nanoTime() - linkedNs < YOUNG_NS) {
            return;
        }
        wantsLink = true;
        if (present != null) {
            // its end of that link is gone, or it would not ask
            link = null;
            present.close();
        }
        startDialler();
    }

    /** Makes this the link, in place of an older one. */
    void onLinked(PeerSocket socket, ElectionLink opened) {
        ElectionLink older;
        synchronized (this) {
            if (closed) {
                socket.close();
                return;
            }
            older = link;
            link = opened;
            linkedNs = System.nanoTime();
            heardNs = linkedNs;
            unanswered = 0;
            wantsLink = false;
            if (pending == null) {
                // the last one may have been lost with the link that it was sent on
                pending = lastSent;
            }
            LockSupport.unpark(dialler);
        }
        if (older != null) {
            older.close();
        }
        opened.start();
        report(true);
    }

    void onBroken(ElectionLink broken) {
        synchronized (this) {
            if (link != broken) {
                return;
            }
            link = null;
            if (pending != null) {
                startDialler();
            }
        }
        report(false);
    }

    /** Tells what is new only; whether it was. */
    private boolean report(boolean isReachable) {
        synchronized (this) {
            if (closed || (reported != null && reported == isReachable)) {
                return false;
            }
            reported = isReachable;
        }
        home.offer(sink -> sink.offerReachable(sid, isReachable));
        return true;
    }

    void close() {
        ElectionLink present;
        synchronized (this) {
            closed = true;
            present = link;
            link = null;
            LockSupport.unpark(dialler);
        }
        if (present != null) {
            present.close();
        }
    }

    private void startDialler() {
        if (dialler == null && !closed) {
            dialler = Thread.ofVirtual().name("election-dial-" + sid).start(this::runDialler);
        }
    }

    /** Whether a link is wanted and missing; if not, the dialler is no more. */
    private synchronized boolean isWanting() {
        boolean wanting = !closed && link == null && (pending != null || wantsLink);
        if (!wanting) {
            dialler = null;
        }
        return wanting;
    }

    private void runDialler() {
        long pauseNs = PAUSE_MIN_NS;
        try {
            while (isWanting()) {
                dial();
                if (isWanting()) {
                    LockSupport.parkNanos(this, pauseNs);
                    pauseNs = Math.min(2 * pauseNs, PAUSE_MAX_NS);
                } else {
                    return;
                }
            }
        } catch (Error e) {
            home.ports().fatal().accept(e);
        }
    }

    private void dial() {
        synchronized (this) {
            // who called calls again if this one call fails
            wantsLink = false;
        }
        try {
            PeerSocket socket = PeerSockets.connect(home.electionAddresses(sid), home.options());
            try {
                sayHello(socket);
                maybeGiveProof(socket);
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
            if (home.options().sid() > sid) {
                onLinked(socket, new ElectionLink(socket, this));
            } else {
                socket.close();
            }
        } catch (SSLException e) {
            if (report(false)) {
                LOG.warn("no TLS with server {} on its election port: {}", sid, e.getMessage());
            }
        } catch (IOException e) {
            LOG.debug("server {} is not reached on its election port: {}", sid, e.toString());
            report(false);
        } catch (RuntimeException e) {
            LOG.error("server {} cannot be dialled", sid, e);
        }
    }

    private void maybeGiveProof(PeerSocket socket) throws IOException {
        PeerOptions options = home.options();
        if (options.proof() != null) {
            PeerHandshake.give(
                    options.proof(), socket.host(), socket, options.timeouts().helloMs());
        }
    }

    private void sayHello(PeerSocket socket) throws IOException {
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        JuteOutput out = new JuteOutput(buffer);
        ElectionHello hello = home.hello();
        hello.encode(out);
        socket.write(ByteBuffer.wrap(buffer.byteArray(), 0, out.position()));
    }
}

package io.loomkeeper.server;

import io.loomkeeper.net.ClientLink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why sessions expire, in Apache's words and with what an operator asks next: when the client
 * was last heard of, whether it has a connection and what waits there, and whether it was the
 * server that stood still. Of many at once it says the first, and how many there were. Pipeline
 * thread only.
 */
final class Expiries {
    private static final Logger LOG = LoggerFactory.getLogger(Expiries.class);
    private static final int LINES_MAX = 20;
    private static final long WINDOW_MS = 1_000;
    private static final long PAUSE_MS = 500;

    private long windowEndsMs = Long.MIN_VALUE;
    private int inWindow;
    private long lookedMs = Long.MIN_VALUE;
    private long pauseEndedMs = Long.MIN_VALUE;
    private long pausedMs;

    /** The pipeline has run: if it has not for long, it stood still. */
    void onRun(long nowMs) {
        if (lookedMs != Long.MIN_VALUE && nowMs - lookedMs >= PAUSE_MS) {
            pausedMs = nowMs - lookedMs;
            pauseEndedMs = nowMs;
        }
        lookedMs = nowMs;
        if (inWindow > 0 && nowMs >= windowEndsMs) {
            endWindow();
        }
    }

    private void endWindow() {
        int unsaid = inWindow - LINES_MAX;
        inWindow = 0;
        if (unsaid > 0) {
            say("%d more sessions expired within a second".formatted(unsaid));
        }
    }

    /** A session's end is submitted. */
    void onExpired(long sessionId, Sessions.Silence silence, long nowMs) {
        if (inWindow == 0) {
            windowEndsMs = nowMs + WINDOW_MS;
        }
        if (++inWindow > LINES_MAX) {
            return;
        }
        StringBuilder line = new StringBuilder();
        line.append(
                "Expiring session 0x%x, timeout of %dms exceeded: last heard of %d ms ago, "
                        .formatted(sessionId, silence.timeoutMs(), nowMs - silence.heardMs()));
        Client client = silence.client();
        if (client == null) {
            line.append("no connection to this server");
        } else {
            ClientLink link = client.link;
            line.append(
                    "connected from %s with %d requests under way"
                            .formatted(link.remote(), link.stats().queued()));
        }
        if (pauseEndedMs >= silence.heardMs()) {
            line.append(
                    "; this server stood still for %d ms meanwhile, until %d ms ago"
                            .formatted(pausedMs, nowMs - pauseEndedMs));
        }
        say(line.toString());
    }

    /** The pipeline does not wait for who reads the log. */
    private static void say(String line) {
        Thread.ofVirtual().name("expiries").start(() -> LOG.info("{}", line));
    }
}

package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.Response;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The order that {@link Outbox} promises, with a pipeline, a reader and a consumer on threads of
 * their own, each keeping the rules.
 */
@Timeout(60)
class OutboxStressTest {
    private static final int REQUESTS = 10_000;
    private static final int EVENT_XID = -1;

    private final OutstandingRequests outstanding = new OutstandingRequests(1000);
    private final Outbox outbox = new Outbox(1L << 30, outstanding);
    private final ConcurrentLinkedQueue<Integer> ring = new ConcurrentLinkedQueue<>();
    private final AtomicLong published = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Written by the pipeline; zxids of the transactions that had an event for this connection. */
    private final List<Long> events = new ArrayList<>();

    private volatile boolean readerDone;
    private volatile boolean pipelineDone;

    private record Heard(int xid, long zxid) {}

    @Test
    void everythingLooksAsIfOneThreadHadAnsweredOnOneState() throws InterruptedException {
        long directBefore = 0;
        for (int seed = 1; seed <= 3; seed++) {
            directBefore = run(seed);
            assertTrue(directBefore > 1000, "direct replies: " + directBefore);
        }
    }

    private long run(int seed) throws InterruptedException {
        AtomicLong direct = new AtomicLong();
        List<Heard> heard = new ArrayList<>();
        readerDone = false;
        pipelineDone = false;
        events.clear();
        List<Thread> threads =
                List.of(
                        thread(() -> read(new SplittableRandom(seed), direct)),
                        thread(() -> commit(new SplittableRandom(seed + 100L))),
                        thread(() -> consume(heard)));
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(50));
        }
        assertNull(failure.get());
        check(heard);
        assertEquals(0, outstanding.count());
        return direct.get();
    }

    /** The reader: answers by itself what it may, and offers the rest. */
    private void read(SplittableRandom random, AtomicLong direct) {
        for (int xid = 1; xid <= REQUESTS; xid++) {
            awaitInFlight(random.nextInt(4) == 0 ? 10 : 0);
            boolean plain = random.nextInt(4) > 0;
            if (plain && outbox.inFlight() == 0) {
                long zxid = published.get();
                spin(random.nextInt(50));
                int bytes = outbox.offerRead(xid, zxid, body(random));
                if (bytes > 0) {
                    direct.incrementAndGet();
                    continue;
                }
                assert bytes == Outbox.TOO_OLD : bytes;
            }
            outbox.begin();
            ring.add(xid);
        }
        readerDone = true;
    }

    private void awaitInFlight(int max) {
        while (outbox.inFlight() > max && failure.get() == null) {
            LockSupport.parkNanos(1);
        }
    }

    /** The pipeline: its own clients' requests, and transactions of others. */
    private void commit(SplittableRandom random) {
        while ((!readerDone || !ring.isEmpty()) && failure.get() == null) {
            int done = 0;
            for (int i = random.nextInt(5); i >= 0; i--) {
                Integer xid = ring.poll();
                if (xid == null) {
                    if (random.nextInt(3) == 0) {
                        apply(random);
                    }
                } else {
                    if (random.nextBoolean()) {
                        apply(random);
                    }
                    outbox.reply(xid, published.get(), body(random));
                    done++;
                }
            }
            if (done > 0) {
                outbox.completed(done);
            }
        }
        pipelineDone = true;
    }

    private void apply(SplittableRandom random) {
        long zxid = published.get() + 1;
        if (random.nextBoolean()) {
            outbox.event(zxid, EventType.NODE_DATA_CHANGED, "/a");
            events.add(zxid);
        }
        spin(random.nextInt(50));
        published.set(zxid);
    }

    private void consume(List<Heard> heard) {
        boolean last;
        do {
            last = pipelineDone;
            if (outbox.beginFlush()) {
                for (Chunk chunk = outbox.next(); chunk != null; chunk = outbox.next()) {
                    hear(chunk.content(), heard);
                    outbox.written(chunk);
                }
            }
        } while (!last && failure.get() == null);
    }

    private static void hear(ByteBuffer bytes, List<Heard> heard) {
        while (bytes.hasRemaining()) {
            int length = bytes.getInt();
            int at = bytes.position();
            heard.add(new Heard(bytes.getInt(at), bytes.getLong(at + Integer.BYTES)));
            bytes.position(at + length);
        }
    }

    private void check(List<Heard> heard) {
        int xid = 0;
        long zxid = 0;
        int eventsHeard = 0;
        for (Heard one : heard) {
            assertTrue(one.zxid() >= zxid, () -> "the state moved back at " + one);
            zxid = one.zxid();
            if (one.xid() == EVENT_XID) {
                assertEquals(events.get(eventsHeard), one.zxid());
                eventsHeard++;
            } else {
                xid++;
                assertEquals(xid, one.xid());
                boolean missed = eventsHeard < events.size() && events.get(eventsHeard) <= zxid;
                assertTrue(!missed, () -> "an event comes after " + one);
            }
        }
        assertEquals(REQUESTS, xid);
        assertEquals(events.size(), eventsHeard);
    }

    private static Response body(SplittableRandom random) {
        int length = random.nextInt(20) == 0 ? 6000 : random.nextInt(30);
        return new Response.Data(Bytes.of(new byte[length]), TinyPipeline.stat(0));
    }

    private static void spin(int rounds) {
        for (int i = 0; i < rounds; i++) {
            Thread.onSpinWait();
        }
    }

    private Thread thread(Runnable body) {
        Thread thread = Thread.ofPlatform().daemon().unstarted(body);
        thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
        thread.start();
        return thread;
    }
}

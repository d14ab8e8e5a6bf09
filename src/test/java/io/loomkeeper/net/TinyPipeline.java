package io.loomkeeper.net;

import io.loomkeeper.net.wire.Handshake;
import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.net.wire.JuteInput;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.Stat;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A whole server's worth of pipeline over the smallest state there is: a number. Every write adds
 * one, and tells those that watch; every read says what it is.
 */
final class TinyPipeline implements RequestSink, ClientPorts.LocalReads {
    static final Bytes PASSWD = Bytes.of(new byte[Handshake.PASSWD_BYTES]);
    static final int TIMEOUT_MS = 4000;

    /** A session that is no more. */
    static final long EXPIRED_SESSION = 666;

    /** Reading this path gives a datum as long as the number in it says. */
    static final String LONG_DATUM = "/long/";

    /** Reading this path ends in an error. */
    static final String ERROR = "/error";

    private record Item(ClientLink from, Kind kind, long receivedNs, UnsafeBuffer frame) {}

    private enum Kind {
        CONNECT,
        REQUEST,
        CLOSED
    }

    private record Count(long zxid) implements Version {
        @Override
        public Response read(Request.Read read, long sessionId, List<AuthId> identities) {
            return switch (read) {
                case Request.GetData get when get.path().matches(LONG_DATUM + "[0-9]{1,7}") ->
                        datum(Integer.parseInt(get.path().substring(LONG_DATUM.length())));
                case Request.GetData get when get.path().equals(ERROR) ->
                        throw new StackOverflowError("as asked for");
                case Request.WhoAmI _ -> new Response.Identities(identities);
                default -> new Response.StatOnly(stat(zxid));
            };
        }
    }

    private final BlockingQueue<Item> queue;
    private final Semaphore gate = new Semaphore(1, true);
    private final Set<ClientLink> watchers = new LinkedHashSet<>();
    private final List<Long> closed = new ArrayList<>();
    private final AtomicLong refusals = new AtomicLong();
    private final Thread thread = Thread.ofPlatform().unstarted(this::run);
    private long sessions;
    private volatile Count published = new Count(0);
    private volatile boolean stopped;

    /** Whether it sends replies itself. */
    volatile boolean prompt;

    TinyPipeline(int capacity) {
        queue = new ArrayBlockingQueue<>(capacity);
        thread.start();
    }

    static Stat stat(long zxid) {
        return new Stat(zxid, zxid, 0, 0, 0, 0, 0, 0, 0, 0, zxid);
    }

    static Response datum(int length) {
        return new Response.Data(Bytes.of(new byte[length]), stat(0));
    }

    @Override
    public Version published() {
        return published;
    }

    @Override
    public boolean offerConnect(ClientLink from, DirectBuffer frame, int offset, int length) {
        return put(new Item(from, Kind.CONNECT, 0, copy(frame, offset, length)));
    }

    @Override
    public boolean offer(
            ClientLink from, long receivedNs, DirectBuffer frame, int offset, int length) {
        return put(new Item(from, Kind.REQUEST, receivedNs, copy(frame, offset, length)));
    }

    @Override
    public boolean offerClosed(ClientLink from) {
        return put(new Item(from, Kind.CLOSED, 0, new UnsafeBuffer(0, 0)));
    }

    /** From here to {@link #goOn} nothing is dealt with. */
    void hold() {
        gate.acquireUninterruptibly();
    }

    void goOn() {
        gate.release();
    }

    /** How often an offer was turned down. */
    long refusals() {
        return refusals.get();
    }

    /** The sessions, or 0, of the connections that are known to be gone. */
    synchronized List<Long> closed() {
        return List.copyOf(closed);
    }

    void stop() throws InterruptedException {
        stopped = true;
        thread.interrupt();
        thread.join();
    }

    private static UnsafeBuffer copy(DirectBuffer frame, int offset, int length) {
        byte[] copy = new byte[length];
        frame.getBytes(offset, copy);
        return new UnsafeBuffer(copy);
    }

    private boolean put(Item item) {
        boolean taken = stopped || queue.offer(item);
        if (!taken) {
            refusals.incrementAndGet();
        }
        return taken;
    }

    private void run() {
        try {
            while (!stopped) {
                runBatch();
            }
        } catch (InterruptedException _) {
            assert stopped;
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private void runBatch() throws InterruptedException, MalformedException {
        gate.acquire();
        try {
            takeBatch();
        } finally {
            gate.release();
        }
    }

    private void takeBatch() throws InterruptedException, MalformedException {
        Item first = queue.poll(1, TimeUnit.MILLISECONDS);
        if (first == null) {
            return;
        }
        List<Item> batch = new ArrayList<>(List.of(first));
        queue.drainTo(batch, 50);
        Set<ClientLink> touched = new LinkedHashSet<>();
        for (Item item : batch) {
            onItem(item, touched);
        }
        touched.forEach(prompt ? ClientLink::sendOrWake : ClientLink::wake);
    }

    private void onItem(Item item, Set<ClientLink> touched) throws MalformedException {
        switch (item.kind()) {
            case CONNECT -> onConnect(item);
            case REQUEST -> onRequest(item, touched);
            case CLOSED -> onClosed(item.from());
        }
    }

    private void onConnect(Item item) throws MalformedException {
        ConnectRequest request = Handshake.decodeRequest(input(item.frame(), 0));
        Boolean flag = request.readOnly() == null ? null : Boolean.FALSE;
        if (request.lastZxidSeen() > published.zxid()) {
            item.from().close();
        } else if (request.sessionId() == EXPIRED_SESSION) {
            item.from().refused(ConnectResponse.invalid(flag));
        } else {
            sessions++;
            item.from().connected(new ConnectResponse(TIMEOUT_MS, sessions, PASSWD, flag));
        }
    }

    private synchronized void onClosed(ClientLink link) {
        watchers.remove(link);
        closed.add(link.sessionId());
    }

    private void onRequest(Item item, Set<ClientLink> touched) {
        ClientLink link = item.from();
        touched.add(link);
        UnsafeBuffer frame = item.frame();
        Op op = Objects.requireNonNull(Op.ofCode(RequestCodec.opCode(frame, 0)));
        Asked asked = new Asked(op, RequestCodec.xid(frame, 0), item.receivedNs());
        answer(link, asked, decode(op, frame), touched);
        link.completed(1);
        if (op == Op.CLOSE_SESSION) {
            link.closeAfterFlush();
        }
    }

    private void answer(ClientLink link, Asked asked, Request request, Set<ClientLink> touched) {
        switch (request) {
            case Request.Write _ -> {
                Count next = new Count(published.zxid() + 1);
                for (ClientLink watcher : watchers) {
                    watcher.event(next.zxid(), EventType.NODE_DATA_CHANGED, "/number");
                    touched.add(watcher);
                }
                published = next;
                link.reply(asked, next.zxid(), Response.Empty.INSTANCE);
            }
            case Request.AddWatch _ -> {
                watchers.add(link);
                link.reply(asked, published.zxid(), new Response.Count(0));
            }
            case Request.Read read -> {
                Count now = published;
                link.reply(asked, now.zxid(), now.read(read, link.sessionId(), link.identities()));
            }
            case Request.Sync sync ->
                    link.reply(asked, published.zxid(), new Response.Path(sync.path()));
            case Request.Unreadable(var error) ->
                    link.reply(asked, published.zxid(), new Response.Failed(error));
            case Request.Ping _, Request.Auth _, Request.Sasl _ ->
                    link.reply(asked, published.zxid(), Response.Empty.INSTANCE);
        }
    }

    private static Request decode(Op op, UnsafeBuffer frame) {
        try {
            return RequestCodec.decode(op, input(frame, RequestCodec.HEADER_BYTES));
        } catch (MalformedException _) {
            return new Request.Malformed(KeeperError.MARSHALLING_ERROR);
        }
    }

    private static JuteInput input(UnsafeBuffer frame, int from) {
        return new JuteInput().wrap(frame, from, frame.capacity() - from);
    }
}

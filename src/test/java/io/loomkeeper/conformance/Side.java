package io.loomkeeper.conformance;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One of the two servers that are compared, with its clients.
 *
 * <p>After every step each client that is connected has sent a ping and read up to its reply: since
 * a server queues a transaction's events before any reply that could show its effect (protocol
 * 11.5), a step's frames are then complete.
 */
final class Side implements AutoCloseable {
    private static final byte[] PING = new FrameOut().int4(-2).int4(Op.PING).bytes();

    private final int port;
    private final Map<Integer, Session> sessions = new TreeMap<>();
    private final List<Session> abandoned = new ArrayList<>();

    Side(int port) {
        this.port = port;
    }

    /**
     * The frames that each client received in a step; an empty frame says that the server closed.
     */
    record Frames(Map<Integer, List<byte[]>> byClient) {
        List<byte[]> of(int client) {
            return byClient.getOrDefault(client, List.of());
        }
    }

    boolean hasSession(int client) {
        return sessions.containsKey(client);
    }

    boolean isConnected(int client) {
        return sessions.containsKey(client) && session(client).isConnected();
    }

    /** Does what a step says, then waits until everything that it caused has arrived. */
    Frames perform(Step step) {
        Map<Integer, List<byte[]>> received = new TreeMap<>();
        if (step instanceof Step.Together(List<Step.Batch> batches)) {
            together(batches, received);
        } else {
            received.put(step.client(), act(step));
        }
        List<Integer> connected = sessions.keySet().stream().filter(this::isConnected).toList();
        connected.forEach(client -> session(client).connection().send(List.of(PING)));
        for (int client : connected) {
            List<byte[]> frames = received.computeIfAbsent(client, _ -> new ArrayList<>());
            takeReplies(session(client), 1, frames);
        }
        sessions.values().forEach(Session::endStep);
        return new Frames(received);
    }

    private List<byte[]> act(Step step) {
        Session session = session(step.client());
        List<byte[]> received = new ArrayList<>();
        switch (step) {
            case Step.Open(int client, int timeoutMs, boolean flag) -> {
                Session fresh = new Session(port);
                Session left = sessions.put(client, fresh);
                if (left != null) {
                    left.drop();
                    abandoned.add(left);
                }
                received.add(fresh.open(timeoutMs, flag));
            }
            case Step.Reopen(int _, Step.How how) -> received.add(session.reopen(how));
            case Step.Drop _ -> session.drop();
            case Step.Batch(int _, List<Op> ops) -> send(session, ops, received);
            case Step.Together(List<Step.Batch> batches) -> throw new AssertionError(batches);
            case Step.Raw(int _, ByteBuffer bytes) -> sendRaw(session, bytes, received);
            case Step.Await(Step.Batch batch, int events) -> {
                send(session, batch.ops(), received);
                takeEvents(session, events, received);
            }
        }
        return received;
    }

    private Session session(int client) {
        return sessions.computeIfAbsent(client, _ -> new Session(port));
    }

    private void together(List<Step.Batch> batches, Map<Integer, List<byte[]>> received) {
        List<Step.Batch> able = batches.stream().filter(b -> isConnected(b.client())).toList();
        able.forEach(batch -> send(session(batch.client()), batch.ops()));
        for (Step.Batch batch : able) {
            List<byte[]> frames = received.computeIfAbsent(batch.client(), _ -> new ArrayList<>());
            takeReplies(session(batch.client()), batch.ops().size(), frames);
        }
    }

    private static void send(Session session, List<Op> ops) {
        session.connection().send(ops.stream().map(op -> op.bytes(session::zxidSeen)).toList());
    }

    private static void send(Session session, List<Op> ops, List<byte[]> received) {
        if (!session.isConnected()) {
            return;
        }
        send(session, ops);
        takeReplies(session, ops.size(), received);
        if (ops.getLast().isUnknown()) {
            session.drop();
        } else if (ops.getLast().ends() && session.isConnected()) {
            takeUntilClosed(session, received);
        }
    }

    private static void sendRaw(Session session, ByteBuffer bytes, List<byte[]> received) {
        if (session.isConnected()) {
            byte[] raw = new byte[bytes.remaining()];
            bytes.duplicate().get(raw);
            session.connection().sendRaw(raw);
            takeUntilClosed(session, received);
        }
    }

    private static void takeReplies(Session session, int count, List<byte[]> received) {
        for (int replies = 0; replies < count && session.isConnected(); ) {
            byte[] frame = session.take();
            received.add(frame);
            replies += isNotification(frame) ? 0 : 1;
        }
    }

    private static void takeEvents(Session session, int count, List<byte[]> received) {
        for (int events = 0; events < count && session.isConnected(); ) {
            byte[] frame = session.take();
            received.add(frame);
            events += isNotification(frame) ? 1 : 0;
        }
    }

    private static void takeUntilClosed(Session session, List<byte[]> received) {
        while (session.isConnected()) {
            received.add(session.take());
        }
    }

    static boolean isNotification(byte[] frame) {
        return frame.length >= 16 && ByteBuffer.wrap(frame).getInt(0) == -1;
    }

    /** Ends every session and empties the tree, so that the next script starts as good as fresh. */
    void wipe() {
        sessions.values().forEach(Session::end);
        abandoned.forEach(Session::end);
        sessions.clear();
        abandoned.clear();
        new Janitor(port).wipe();
    }

    @Override
    public void close() {
        sessions.values().forEach(Session::close);
        sessions.clear();
    }
}

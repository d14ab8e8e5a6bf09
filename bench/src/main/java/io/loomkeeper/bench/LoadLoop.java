package io.loomkeeper.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One selector thread with its share of the connections: takes replies in and, in a closed loop,
 * sends the next requests at once.
 */
final class LoadLoop implements Worker, FrameReader.Sink {
    private static final int READ_BYTES = 1 << 18;
    private static final int SELECT_TIMEOUT_MS = 20;

    private final List<Connection> connections;
    private final Window window;
    private final boolean closed;
    private final Tally tally;
    private final ByteBuffer shared = ByteBuffer.allocateDirect(READ_BYTES);
    private Connection current;
    private long nowNs;

    /** {@code connections} is not empty; {@code closed}: whether this thread also sends. */
    LoadLoop(List<Connection> connections, Window window, boolean closed) {
        this(connections, window, closed, () -> false);
    }

    /**
     * @param apart as {@link Tally} asks it
     */
    LoadLoop(List<Connection> connections, Window window, boolean closed, BooleanSupplier apart) {
        this.connections = connections;
        this.window = window;
        this.closed = closed;
        tally = new Tally(window, !closed, apart);
        current = connections.getFirst();
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public void run() {
        try (Selector selector = Selector.open()) {
            for (Connection connection : connections) {
                SelectionKey key =
                        connection.channel().register(selector, SelectionKey.OP_READ, connection);
                if (closed) {
                    send(key, connection);
                }
            }
            while (!isOver(System.nanoTime())) {
                selector.select(this::onReady, SELECT_TIMEOUT_MS);
            }
            for (Connection connection : connections) {
                countUnanswered(connection);
            }
            deregister(selector);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onFrame(int xid, long zxid, int err) throws IOException {
        if (xid != Frames.NOTIFICATION_XID) {
            tally.onReply(current.complete(xid), nowNs, err);
        }
    }

    private void onReady(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        try {
            if (key.isReadable()) {
                receive(connection);
            }
            if (closed) {
                send(key, connection);
            }
        } catch (IOException e) {
            abandon(key, connection, e);
        }
    }

    private void receive(Connection connection) throws IOException {
        int count = connection.reader().read(connection.channel(), shared);
        nowNs = System.nanoTime();
        if (count < 0) {
            throw new EOFException("the server closed the connection");
        }
        current = connection;
        connection.reader().forEachFrame(shared, this);
    }

    private void send(SelectionKey key, Connection connection) throws IOException {
        long now = System.nanoTime();
        if (!window.endedBy(now)) {
            connection.fill(now);
        }
        int wanted =
                connection.flush()
                        ? SelectionKey.OP_READ
                        : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    private void abandon(SelectionKey key, Connection connection, IOException why) {
        key.cancel();
        connection.setBroken();
        countUnanswered(connection);
        tally.onFailure("connection lost: " + why.getMessage());
        try {
            connection.channel().close();
        } catch (IOException _) {
            // it is given up either way
        }
    }

    private void countUnanswered(Connection connection) {
        long now = System.nanoTime();
        while (connection.inFlight() > 0) {
            tally.onUnanswered(connection.giveUpOldest(), now);
        }
    }

    /** All is answered that will be: after the window, or when the sources have run dry. */
    private boolean isOver(long timeNs) {
        if (window.graceEndedBy(timeNs)) {
            return true;
        }
        boolean ended = closed && window.endedBy(timeNs);
        for (Connection connection : connections) {
            boolean idle = connection.inFlight() == 0 && (ended || connection.isExhausted());
            if (!idle && !connection.isBroken()) {
                return false;
            }
        }
        return true;
    }

    private static void deregister(Selector selector) throws IOException {
        selector.keys().forEach(SelectionKey::cancel);
        selector.selectNow();
    }
}

package io.loomkeeper.sim;

import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.QuorumCodec;
import io.loomkeeper.net.wire.QuorumDecoder;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.zab.Message;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a quorum port: two ends, and what is under way between them, in order. It breaks
 * for both, but they learn it each in its own time.
 */
final class Connection {
    private static final int CLOSED = -1;
    private static final int COMPACT_BYTES = 1 << 16;
    private static final int DATA_BYTES_MAX = 16 << 20;

    /** One end, which belongs to one process. */
    static final class End {
        final Connection connection;
        final SimServer server;
        final int process;
        final long link;

        /** The bytes under way to this end. */
        private final ExpandableArrayBuffer stream = new ExpandableArrayBuffer(256);

        private int streamFrom;
        private int streamTo;

        /** How they were written, in pieces; {@link #CLOSED} comes after the last. */
        private final ArrayDeque<Integer> written = new ArrayDeque<>();

        private final QuorumDecoder decoder;

        /** So many of the first bytes have arrived and are not taken in. */
        int due;

        /** So many arrivals wait for the path to be free. */
        int held;

        long lastArrivalUs;

        /** What is sent here takes so much longer. */
        long extraUs;

        boolean isOpen = true;

        /** Nothing more is taken in: the other end is closed, or what it sends is lost. */
        boolean isDeaf;

        End(Connection connection, SimServer server, long link, QuorumCodec.Sender sender) {
            this.connection = connection;
            this.server = server;
            this.process = server.process();
            this.link = link;
            this.decoder = new QuorumDecoder(sender, TreeOptions.DEFAULT, DATA_BYTES_MAX);
        }

        void write(DirectBuffer source, int length) {
            stream.putBytes(streamTo, source, 0, length);
            streamTo += length;
            written.add(length);
        }

        /** The other end says no more. */
        void writeEnd() {
            isDeaf = true;
            written.add(CLOSED);
        }

        /** All that is under way is lost but the first {@code kept} bytes. */
        void cutTo(int kept) {
            streamTo = streamFrom + kept;
            due = Math.min(due, kept);
            written.clear();
            written.add(kept - due);
        }

        int underWay() {
            return streamTo - streamFrom;
        }

        /** The next piece has arrived; false if nothing comes any more. */
        boolean arrive() {
            Integer length = written.poll();
            if (length == null) {
                return true;
            }
            due += Math.max(0, length);
            return length != CLOSED;
        }

        /** Takes in the first bytes that are due. */
        void take(int bytes) {
            decoder.receive(stream, streamFrom, bytes);
            streamFrom += bytes;
            due -= bytes;
            if (streamFrom == streamTo || streamFrom > COMPACT_BYTES) {
                byte[] left = new byte[underWay()];
                stream.getBytes(streamFrom, left);
                stream.putBytes(0, left);
                streamTo = left.length;
                streamFrom = 0;
            }
        }

        /** The next whole message, or null. */
        @Nullable Message next() {
            try {
                return decoder.next();
            } catch (MalformedException e) {
                throw new Violation("E9", server + " cannot read what was written", e);
            }
        }

        End other() {
            return this == connection.learner ? connection.leader : connection.learner;
        }

        boolean isAlive() {
            return isOpen && server.process() == process && server.isUp();
        }

        boolean isLeader() {
            return this == connection.leader;
        }
    }

    final End learner;
    final End leader;
    final SyncWitness witness;

    Connection(SimServer learner, long learnerLink, SimServer leader, long leaderLink) {
        this.learner = new End(this, learner, learnerLink, QuorumCodec.Sender.LEADER);
        this.leader = new End(this, leader, leaderLink, QuorumCodec.Sender.LEARNER);
        this.witness = new SyncWitness(this.learner, this.leader);
    }
}

package io.loomkeeper.sim;

import io.loomkeeper.zab.Message;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a quorum port: two ends, and what is under way between them, in order. It breaks
 * for both, but they learn it each in its own time.
 */
final class Connection {
    /** One end, which belongs to one process. */
    static final class End {
        final Connection connection;
        final SimServer server;
        final int process;
        final long link;

        /** What is under way to this end, in order. */
        final ArrayDeque<Item> underWay = new ArrayDeque<>();

        /** So many of the first of these would be here if the path were free. */
        int held;

        long lastArrivalUs;
        int bytesUnderWay;
        boolean isOpen = true;

        /** Nothing more is taken in: the other end is closed, or what it sends is lost. */
        boolean isDeaf;

        End(Connection connection, SimServer server, long link) {
            this.connection = connection;
            this.server = server;
            this.process = server.process();
            this.link = link;
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

    /** A message under way, or with null the end of all. */
    record Item(@Nullable Message message, int bytes) {}

    final End learner;
    final End leader;
    final SyncWitness witness;

    Connection(SimServer learner, long learnerLink, SimServer leader, long leaderLink) {
        this.learner = new End(this, learner, learnerLink);
        this.leader = new End(this, leader, leaderLink);
        this.witness = new SyncWitness(this.learner, this.leader);
    }
}

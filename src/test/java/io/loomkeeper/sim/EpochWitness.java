package io.loomkeeper.sim;

import java.util.Arrays;

/** What a witness knows of one epoch. */
final class EpochWitness {
    private static final int NOBODY = -1;

    private final ConfigWitness configs;

    /** Whom each server has promised this epoch to, and been counted. */
    private final int[] promisedTo;

    private final boolean[] newLeaderAcked;

    /** A quorum has promised it to this one. */
    private int elected = NOBODY;

    private boolean isEstablished;

    /** Who has said NewLeader. */
    private int leader = NOBODY;

    EpochWitness(ConfigWitness configs, int servers) {
        this.configs = configs;
        this.promisedTo = new int[servers];
        this.newLeaderAcked = new boolean[servers];
        Arrays.fill(promisedTo, NOBODY);
    }

    int leader() {
        return leader;
    }

    /** False if it has promised this epoch to another one before. */
    boolean promise(int server, int to) {
        boolean first = promisedTo[server] == NOBODY || promisedTo[server] == to;
        promisedTo[server] = to;
        isPromisedByQuorum(to);
        return first;
    }

    /** A quorum of the configuration in force, then or now. */
    boolean isPromisedByQuorum(int candidate) {
        if (elected != candidate && configs.isQuorum(voter -> promisedTo[voter] == candidate)) {
            elected = candidate;
        }
        return elected == candidate;
    }

    /** False if another server has this epoch already. */
    boolean claim(int server) {
        boolean first = leader == NOBODY || leader == server;
        leader = server;
        return first;
    }

    void ackNewLeader(int server) {
        newLeaderAcked[server] = true;
        isEstablished();
    }

    /**
     * A quorum has this leader's history on disk, or once had: of the configuration in force, and
     * of the one that the leader is to complete.
     */
    boolean isEstablished() {
        if (!isEstablished && configs.isQuorum(voter -> newLeaderAcked[voter])) {
            Configuration seen = leader == NOBODY ? null : configs.seenBy(leader);
            isEstablished = seen == null || isAckedBy(seen);
        }
        return isEstablished;
    }

    /** A quorum of this one has. */
    boolean isAckedBy(Configuration configuration) {
        return configuration.electorate.isQuorum(voter -> newLeaderAcked[voter]);
    }
}

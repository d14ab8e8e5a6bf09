package io.loomkeeper.sim;

import java.util.Arrays;

/** What a witness knows of one epoch. */
final class EpochWitness {
    private static final int NOBODY = -1;

    private final Electorate electorate;

    /** Whom each voter has promised this epoch to, and been counted. */
    private final int[] promisedTo;

    private final boolean[] newLeaderAcked;

    /** Who has said NewLeader. */
    private int leader = NOBODY;

    EpochWitness(Electorate electorate) {
        this.electorate = electorate;
        this.promisedTo = new int[electorate.voters()];
        this.newLeaderAcked = new boolean[electorate.voters()];
        Arrays.fill(promisedTo, NOBODY);
    }

    int leader() {
        return leader;
    }

    /** False if it has promised this epoch to another one before. */
    boolean promise(int server, int to) {
        if (server >= electorate.voters()) {
            return true;
        }
        boolean first = promisedTo[server] == NOBODY || promisedTo[server] == to;
        promisedTo[server] = to;
        return first;
    }

    boolean hasPromised(int server) {
        return server < electorate.voters() && promisedTo[server] != NOBODY;
    }

    boolean isPromisedByQuorum(int candidate) {
        return electorate.isQuorum(voter -> promisedTo[voter] == candidate);
    }

    /** False if another server has this epoch already. */
    boolean claim(int server) {
        boolean first = leader == NOBODY || leader == server;
        leader = server;
        return first;
    }

    void ackNewLeader(int server) {
        if (server < electorate.voters()) {
            newLeaderAcked[server] = true;
        }
    }

    /** A quorum has this leader's history on disk. */
    boolean isEstablished() {
        return electorate.isQuorum(voter -> newLeaderAcked[voter]);
    }
}

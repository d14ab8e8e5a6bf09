package io.loomkeeper.sim;

import java.util.Arrays;

/** What a witness knows of one epoch. */
final class EpochWitness {
    private static final int NOBODY = -1;

    private final int voters;

    /** Whom each voter has promised this epoch to, and been counted. */
    private final int[] promisedTo;

    private final boolean[] newLeaderAcked;

    /** Who has said NewLeader. */
    private int leader = NOBODY;

    EpochWitness(int voters) {
        this.voters = voters;
        this.promisedTo = new int[voters];
        this.newLeaderAcked = new boolean[voters];
        Arrays.fill(promisedTo, NOBODY);
    }

    int leader() {
        return leader;
    }

    /** False if it has promised this epoch to another one before. */
    boolean promise(int server, int to) {
        if (server >= voters) {
            return true;
        }
        boolean first = promisedTo[server] == NOBODY || promisedTo[server] == to;
        promisedTo[server] = to;
        return first;
    }

    boolean hasPromised(int server) {
        return server < voters && promisedTo[server] != NOBODY;
    }

    boolean isPromisedByQuorum(int candidate) {
        int count = 0;
        for (int to : promisedTo) {
            count += to == candidate ? 1 : 0;
        }
        return count > voters / 2;
    }

    /** False if another server has this epoch already. */
    boolean claim(int server) {
        boolean first = leader == NOBODY || leader == server;
        leader = server;
        return first;
    }

    void ackNewLeader(int server) {
        if (server < voters) {
            newLeaderAcked[server] = true;
        }
    }

    /** A quorum has this leader's history on disk. */
    boolean isEstablished() {
        int count = 0;
        for (boolean acked : newLeaderAcked) {
            count += acked ? 1 : 0;
        }
        return count > voters / 2;
    }
}

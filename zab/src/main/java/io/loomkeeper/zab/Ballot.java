package io.loomkeeper.zab;

/** A vote as it was cast: by a server in this state, in this round. */
record Ballot(ServerState state, Vote vote, long round, int version) {
    static Ballot of(Notification notification) {
        return new Ballot(
                notification.state(),
                notification.vote(),
                notification.round(),
                notification.version());
    }

    /**
     * Whether both support the same (protocol 16.5). While somebody looks, candidate, zxid, epoch
     * and round must agree (E3). Settled servers may know zxid and round of their leader's election
     * or not, and ancient ones not the epoch.
     */
    boolean agreesWith(Ballot other) {
        if (state == ServerState.LOOKING || other.state == ServerState.LOOKING) {
            return vote.equals(other.vote) && round == other.round;
        }
        if (version == 0 ^ other.version == 0) {
            return vote.leader() == other.vote.leader();
        }
        return vote.leader() == other.vote.leader() && vote.peerEpoch() == other.vote.peerEpoch();
    }
}

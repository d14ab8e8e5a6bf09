package io.loomkeeper.zab;

/**
 * The two epochs that this server must not forget: a port of the agreement core, implemented by
 * {@code log}. Neither ever falls, and the current one is never above the accepted one (S16). When
 * a call that changes one returns, the change is durable; when it cannot be made durable the call
 * throws, and the server exits (rule D9). Calls block on the disk: there are a few per election.
 */
public interface EpochStore {
    /** The newest epoch this server has promised to follow; 0 at first. */
    int accepted();

    /** The epoch of the leader whose history this server took over last; 0 at first. */
    int current();

    /**
     * Promises never again to follow an older epoch; only then may AckEpoch or LeaderInfo be sent
     * (D2).
     */
    void accept(int epoch);

    /**
     * The history of the leader of {@code epoch} is durable here; only then may NewLeader be acked
     * (D5).
     */
    void establish(int epoch);
}

package io.loomkeeper.sim;

import io.loomkeeper.tree.Op;
import io.loomkeeper.zab.Message;
import java.util.HashMap;
import java.util.Map;

/** What each sync has to wait for: settled when a leader gets it (C4). */
final class SyncBarrier {
    private record Asker(long sessionId, int xid) {}

    /**
     * When the leader got it.
     *
     * @param proposed the last of what it had proposed or committed
     * @param isNewest no later leader was established, so nothing else can have been acknowledged
     */
    private record Taken(Logged proposed, boolean isNewest) {}

    private final Simulation world;
    private final Map<Asker, Taken> taken = new HashMap<>();

    SyncBarrier(Simulation world) {
        this.world = world;
    }

    void onLearnerSaid(SimServer leader, Message message) {
        if (message instanceof Message.Forward forward && forward.op() == Op.SYNC.code()) {
            take(leader, forward.sessionId(), forward.cxid(), leader.disk().appended());
        }
    }

    /** A client of the leader's own. */
    void onOwn(SimServer leader, long sessionId, int xid) {
        take(leader, sessionId, xid, leader.machine().applied());
    }

    private void take(SimServer leader, long sessionId, int xid, Logged proposed) {
        boolean isNewest = leader.disk().current() == world.invariants.newestLed();
        taken.put(new Asker(sessionId, xid), new Taken(proposed, isNewest));
    }

    void onAnswered(SimClient.Asked asked, long sessionId, Logged at) {
        Taken known = taken.remove(new Asker(sessionId, asked.xid()));
        if (known == null) {
            throw new Violation("C4", asked.client() + ": no leader has had its sync");
        }
        if (at.index < known.proposed.index) {
            throw new Violation("C4", asked.client() + " syncs to " + at + ", not " + known);
        }
        boolean isStrict = world.plan.hasStrictSyncs();
        if ((known.isNewest || isStrict) && at.index < asked.ackedBefore().index) {
            throw new Violation(
                    "C4", asked.client() + " syncs to " + at + " behind " + asked.ackedBefore());
        }
    }
}

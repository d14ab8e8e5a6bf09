package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What servers do together: they elect, agree, fail and come back. */
final class PeerTest {
    @Test
    void threeServersElectTheGreatestId() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(3, ensemble.leader().sid);
        assertEquals(1, ensemble.leader().peer.epoch());
    }

    @Test
    void fiveServersElectTheLongestHistory() {
        Ensemble ensemble = new Ensemble(5);
        ensemble.server(2)
                .disk
                .entries
                .add(new Entry(1, new org.agrona.concurrent.UnsafeBuffer(new byte[1])));
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().sid);
        assertEquals(1, ensemble.server(5).machine.lastApplied());
    }

    @Test
    void whatIsProposedIsDeliveredEverywhere() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.startAll();
        ensemble.until(ensemble::agrees);
        for (int i = 0; i < 50; i++) {
            ensemble.leader().propose("txn " + i);
        }
        ensemble.until(ensemble::agrees);
        ensemble.run(50);
        assertTrue(ensemble.agrees());
        assertEquals(50, ensemble.server(1).machine.applied.size());
        assertEquals(Zxid.of(1, 50), ensemble.server(2).machine.lastApplied());
    }

    @Test
    void aMinorityElectsNobody() {
        Ensemble ensemble = new Ensemble(3);
        ensemble.server(1).start();
        ensemble.run(20_000);
        assertFalse(ensemble.hasLeader());
        ensemble.server(2).start();
        ensemble.until(ensemble::agrees);
        assertEquals(2, ensemble.leader().sid);
    }
}

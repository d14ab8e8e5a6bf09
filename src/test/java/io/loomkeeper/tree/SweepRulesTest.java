package io.loomkeeper.tree;

import static io.loomkeeper.tree.Writing.creation;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Facts about {@link SweepRules} and deleteContainer in {@link Preparer}: protocol 3.2 and 10. */
final class SweepRulesTest {
    private static final long NEVER = 0;

    private final Writing writing = new Writing();

    private Set<String> due(long neverUsedMs) {
        List<String> due = SweepRules.due(writing.tree.head(), writing.timeMs, neverUsedMs);
        assertEquals(due.size(), Set.copyOf(due).size());
        return Set.copyOf(due);
    }

    private Response sweep(String path) {
        return writing.submit(new Request.DeleteContainer(path), Writing.internal()).response();
    }

    @Test
    void aContainerIsDueOnceItHadAChildAndHasNone() {
        writing.done(creation(Op.CREATE_CONTAINER, "/c", 4, -1));
        assertEquals(Set.of(), due(NEVER));
        writing.done(creation("/c/x", 1));
        assertEquals(Set.of(), due(NEVER));
        writing.done(new Request.Delete("/c/x", -1));
        assertEquals(Set.of("/c"), due(NEVER));
    }

    @Test
    void aContainerThatNeverHadAChildIsDueWhenItIsOldEnough() {
        writing.done(creation(Op.CREATE_CONTAINER, "/c", 4, -1));
        writing.timeMs += 100;
        assertEquals(Set.of(), due(NEVER));
        assertEquals(Set.of(), due(100), "exactly the age is not over it");
        assertEquals(Set.of("/c"), due(99));
    }

    @Test
    void aTtlNodeIsDueWhenItHasNoChildrenAndWasNotChangedForItsTtl() {
        writing.done(creation(Op.CREATE_TTL, "/t", 5, 100));
        writing.done(creation(Op.CREATE_TTL, "/parent", 5, 100));
        writing.done(creation("/parent/x"));
        long createdMs = writing.timeMs - 2;
        writing.timeMs = createdMs + 100;
        assertEquals(Set.of(), due(NEVER));
        writing.timeMs = createdMs + 200;
        assertEquals(Set.of("/t"), due(NEVER));
        writing.done(Writing.setData("/t", "again"));
        assertEquals(Set.of(), due(NEVER));
        writing.timeMs += 101;
        assertEquals(Set.of("/t"), due(NEVER), "child churn does not renew, setData does");
    }

    @Test
    void ordinaryNodesAreNeverDue() {
        writing.done(creation("/persistent"));
        writing.done(creation("/mortal", 1));
        writing.timeMs += 1_000_000;
        assertEquals(Set.of(), due(1));
    }

    @Test
    void theSweepDeletesWhatIsDueAndSaysWhyNot() {
        writing.done(creation(Op.CREATE_CONTAINER, "/c", 4, -1));
        assertEquals(Writing.failed(KeeperError.BAD_VERSION), sweep("/c"), "never used");
        writing.done(creation("/c/x"));
        assertEquals(Writing.failed(KeeperError.NOT_EMPTY), sweep("/c"));
        writing.done(new Request.Delete("/c/x", -1));
        assertEquals(Response.Empty.INSTANCE, sweep("/c"));
        assertEquals(new Txn.DeleteTxn("/c", true), writing.lastTxn());
        assertEquals(List.of(new Change.Deleted("/c", Acl.OPEN, Acl.OPEN)), writing.lastChanges());
        assertEquals(Writing.failed(KeeperError.NO_NODE), sweep("/c"));
        assertEquals(Writing.failed(KeeperError.BAD_ARGUMENTS), sweep("/zookeeper"));
        assertEquals(Writing.failed(KeeperError.BAD_ARGUMENTS), sweep("c"));
    }

    @Test
    void theSweepSparesWhatHasBecomeAnotherKindOfNode() {
        writing.done(creation("/persistent"));
        writing.done(creation("/mortal", 1));
        assertEquals(Writing.failed(KeeperError.BAD_VERSION), sweep("/persistent"));
        assertEquals(Writing.failed(KeeperError.BAD_VERSION), sweep("/mortal"));
    }

    @Test
    void theSweepSparesATtlNodeThatWasRenewed() {
        writing.done(creation(Op.CREATE_TTL, "/t", 5, 100));
        writing.timeMs += 99;
        assertEquals(
                Writing.failed(KeeperError.BAD_VERSION), sweep("/t"), "the ttl is not over yet");
        writing.done(Writing.setData("/t", "again"));
        writing.timeMs += 50;
        assertEquals(Writing.failed(KeeperError.BAD_VERSION), sweep("/t"));
        writing.timeMs += 50;
        assertEquals(Response.Empty.INSTANCE, sweep("/t"));
    }
}

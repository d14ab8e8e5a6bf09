package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;

import java.util.List;

/** A mistake about disks that lose what they had (D2, D10, S21). */
enum DiskMutant implements Mistake {
    BELIEVES_DAMAGED_RECORDS("K8 (D10)", returns("log.RecordLayout", "isSound", 1)),
    TAKES_DAMAGE_FOR_A_TORN_TAIL("ZOOKEEPER-596 (D10)", returns("log.History", "checkEnd", 0)),
    LOADS_DAMAGED_SNAPSHOTS("(S21)", skips("log.SnapshotReader", "nextFrame", "check", 0)),
    BELIEVES_DAMAGED_EPOCHS("(D2)", returns("log.EpochFile", "crc", 0));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    DiskMutant(String origin, Mutation... mutations) {
        recipe = new Recipe(origin, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}

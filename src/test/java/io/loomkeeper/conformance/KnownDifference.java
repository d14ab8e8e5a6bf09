package io.loomkeeper.conformance;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where Loomkeeper means to answer otherwise than Apache 3.9.5. Each stands in docs/divergence.md
 * under its {@link #key} too, which a test holds together with this table. A difference that is not
 * here is a defect.
 */
enum KnownDifference {
    /** Apache keeps the root under the empty name too, and reads do not check their path. */
    EMPTY_PATH_IS_NO_PATH {
        private static final Set<Integer> READS = Set.of(3, 4, 6, 8, 12, 104, Op.MULTI_READ);

        @Override
        boolean covers(Op op, Reading apache, Reading ours, Twins twins) {
            return READS.contains(op.type())
                    && op.text().contains("''")
                    && ours.text().contains("-101");
        }
    },

    /** Apache refuses the whole request as undecodable. */
    FLAG_THAT_IS_NONE_FAILS_ITS_OPERATION {
        @Override
        boolean covers(Op op, Reading apache, Reading ours, Twins twins) {
            return op.type() == Op.MULTI
                    && op.text().matches(".* flags=(7|-1|100) .*")
                    && isUndecodable(apache)
                    && isFailedMulti(ours);
        }
    },

    /**
     * Apache logs the error of a write that cannot be decoded under the zxid before it (protocol
     * 6).
     */
    UNDECODABLE_WRITE_TAKES_A_ZXID {
        private static final Set<Integer> SINGLE_WRITES = Set.of(1, 2, 5, 7, 15, 16, 19, 20, 21);

        @Override
        boolean covers(Op op, Reading apache, Reading ours, Twins twins) {
            if (!SINGLE_WRITES.contains(op.type())
                    || !isUndecodable(apache)
                    || !isUndecodable(ours)
                    || apache.marks().isEmpty()) {
                return false;
            }
            long first = apache.marks().getFirst().value();
            boolean isIt = twins.ahead(first, ours.marks().getFirst().value()) == 1;
            if (isIt) {
                twins.shift(first, 1);
            }
            return isIt;
        }
    };

    /**
     * Whether this explains why two replies to {@code op} differ; where it also moves what follows,
     * {@code twins} are told.
     */
    abstract boolean covers(Op op, Reading apache, Reading ours, Twins twins);

    /** The name under which docs/divergence.md gives the reason. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean isUndecodable(Reading reading) {
        return reading.text().endsWith(" err=-5");
    }

    private static boolean isFailedMulti(Reading reading) {
        return reading.text().contains(" err=0 [-1 0 ");
    }

    static Optional<KnownDifference> explaining(Op op, Reading apache, Reading ours, Twins twins) {
        for (KnownDifference known : values()) {
            if (known.covers(op, apache, ours, twins)) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }
}

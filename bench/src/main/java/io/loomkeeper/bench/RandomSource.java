package io.loomkeeper.bench;

import java.nio.ByteBuffer;

/** Picks for each request a read or a write, and for each of its paths one node of all. */
final class RandomSource implements RequestSource {
    private static final int PERCENT = 100;

    private final Template read;
    private final Template write;
    private final int readPercent;
    private final int nodes;
    private long state;

    /** {@code seed} makes the sequence; equal seeds, equal sequences. */
    RandomSource(Template read, Template write, int readPercent, int nodes, long seed) {
        assert nodes > 0 && nodes <= Template.NUMBER_LIMIT : nodes;
        this.read = read;
        this.write = write;
        this.readPercent = readPercent;
        this.nodes = nodes;
        state = (seed + 1) * 0x9e3779b97f4a7c15L;
    }

    @Override
    public int frameBytesMax() {
        return Math.max(read.length(), write.length());
    }

    @Override
    public boolean append(ByteBuffer out, int xid) {
        Template template = readPercent == PERCENT || next(PERCENT) < readPercent ? read : write;
        template.append(out, xid);
        for (int i = 0; i < template.numbers(); i++) {
            template.patch(out, i, next(nodes));
        }
        return true;
    }

    /** Uniform below {@code bound}: Marsaglia's xorshift64, its upper half scaled. */
    private int next(int bound) {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return (int) (((state >>> 32) * bound) >>> 32);
    }
}

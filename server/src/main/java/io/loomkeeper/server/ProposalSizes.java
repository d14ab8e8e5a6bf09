package io.loomkeeper.server;

/** How many bytes the proposals had: noted by the pipeline, read by anybody. */
final class ProposalSizes {
    private volatile Seen seen = Seen.NONE;

    /** Three sizes in bytes; -1 each before there was a proposal. */
    record Seen(int last, int min, int max) {
        static final Seen NONE = new Seen(-1, -1, -1);
    }

    /** Pipeline thread only. */
    void onProposed(int bytes) {
        Seen before = seen;
        if (before.last != bytes) {
            int min = before.min < 0 ? bytes : Math.min(before.min, bytes);
            seen = new Seen(bytes, min, Math.max(before.max, bytes));
        }
    }

    Seen seen() {
        return seen;
    }
}

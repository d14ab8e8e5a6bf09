package io.loomkeeper.bench;

import java.nio.ByteBuffer;

/** The requests of one connection, one after the other. Belongs to one thread. */
sealed interface RequestSource permits CountingSource, RandomSource {
    /** No frame is longer. */
    int frameBytesMax();

    /** Appends the next frame, for which there is room; false when there is none left. */
    boolean append(ByteBuffer out, int xid);
}

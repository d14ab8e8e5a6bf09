package io.loomkeeper.tree;

import org.agrona.MutableDirectBuffer;

/** Where the bytes of an image come from, in order; what it throws ends the loading. */
public interface ImageSource {
    /** Gives at least one and at most {@code length} bytes; returns how many, or -1 at the end. */
    int read(MutableDirectBuffer target, int offset, int length);
}

package io.loomkeeper.tree;

import org.agrona.DirectBuffer;

/**
 * Where the bytes of an image go, in order. Called on the thread that writes the image; may block;
 * what it throws ends the writing.
 */
public interface ImageSink {
    /** Takes {@code length} bytes of {@code source}, which is used again after the return. */
    void write(DirectBuffer source, int offset, int length);
}

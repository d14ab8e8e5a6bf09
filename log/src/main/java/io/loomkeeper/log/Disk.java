package io.loomkeeper.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The promises that only a disk can make. A seam: tests put a disk behind it that is full or that
 * fails.
 */
interface Disk {
    /**
     * Makes sure that storing into the bytes {@code [from, to)} of {@code file}, which are zero or
     * not there yet, cannot fail for lack of space. They are zero afterwards.
     *
     * @throws IOException when there is no space; nothing that was written is harmed
     */
    void reserve(Path file, long from, long to) throws IOException;

    /**
     * Puts what was written to the file on disk, through whatever channel or mapping.
     *
     * @param channel an open channel of it
     */
    void force(Path file, FileChannel channel) throws IOException;

    /**
     * As {@link #force(Path, FileChannel)}, but all that need be on disk afterwards is {@code
     * stored}: bytes that were there, zeros or not, at the last whole force, and have been stored
     * through a mapping since.
     */
    default void force(Path file, FileChannel channel, Stored stored) throws IOException {
        force(file, channel);
    }

    /** Puts the names in the directory on disk: files created, renamed and deleted (rule D8). */
    void forceDirectory(Path directory) throws IOException;
}

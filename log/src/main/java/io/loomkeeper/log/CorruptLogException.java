package io.loomkeeper.log;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What is on disk is neither the exact history nor a torn tail (rule D10). Says which file, at
 * which byte, and why. The files are left as they are: they are evidence.
 */
public final class CorruptLogException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final long offset;
    private final String reason;

    public CorruptLogException(Path file, long offset, String reason) {
        super(file + " at byte " + offset + ": " + reason);
        this.file = file;
        this.offset = offset;
        this.reason = reason;
    }

    public Path file() {
        return file;
    }

    /** The byte in {@link #file()} at which reading had to stop. */
    public long offset() {
        return offset;
    }

    public String reason() {
        return reason;
    }
}

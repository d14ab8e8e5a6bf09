package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The machine's own disk.
 *
 * <p>Space is reserved by writing zeros, not by allocating blocks unwritten: on a disk that is all
 * but full, ext4 may need one more block to turn an unwritten one into a written one, and a store
 * through a mapping then faults although the block was reserved. Overwriting what was written also
 * makes each force cheaper. Small pieces keep it so: from a large write the kernel makes one large
 * page, and every later force writes all of it again.
 */
final class SystemDisk implements Disk {
    private static final int PIECE_BYTES = 1 << 14;

    private final ByteBuffer zeros = ByteBuffer.allocateDirect(PIECE_BYTES);

    @Override
    public void reserve(Path file, long from, long to) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long at = from;
            while (at < to) {
                zeros.clear().limit((int) Math.min(PIECE_BYTES, to - at));
                at += channel.write(zeros, at);
            }
        } catch (IOException e) {
            throw new IOException(
                    "cannot reserve "
                            + (to - from)
                            + " bytes in "
                            + file
                            + ": "
                            + e.getMessage()
                            + ". Make room on that disk",
                    e);
        }
    }

    @Override
    public void force(Path file, FileChannel channel) throws IOException {
        channel.force(false);
    }

    @Override
    public void force(Path file, FileChannel channel, Stored stored) throws IOException {
        if (MappedPages.canForce()) {
            long address = stored.address();
            MappedPages.force(address, address + stored.to() - stored.from());
        } else {
            force(file, channel);
        }
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

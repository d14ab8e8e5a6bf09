package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The least that a durable server does to a disk: the bytes of a batch of writes in one piece, then
 * one fdatasync.
 *
 * <p>The file was written before, so that no sync has to record its growth, and is written from its
 * start again when its end is reached. Nothing of it is left when the process ends, however it
 * does.
 */
final class DiskBatch implements AutoCloseable {
    private static final int FILE_BYTES = 1 << 26;
    private static final int BATCH_BYTES = 1 << 22;

    private final FileChannel file;
    private final ByteBuffer batch = ByteBuffer.allocateDirect(BATCH_BYTES);
    private long position;

    private DiskBatch(FileChannel file) {
        this.file = file;
    }

    /** Makes a file in {@code directory}. */
    static DiskBatch in(Path directory) throws IOException {
        Path path = Files.createTempFile(directory, "null-server", ".log");
        DiskBatch disk =
                new DiskBatch(
                        FileChannel.open(
                                path,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.DELETE_ON_CLOSE));
        for (int i = 0; i < FILE_BYTES / BATCH_BYTES; i++) {
            disk.batch.clear();
            disk.file.write(disk.batch);
        }
        disk.batch.clear();
        disk.file.force(true);
        return disk;
    }

    /** Adds {@code length} bytes of {@code in} from {@code start}. */
    void add(ByteBuffer in, int start, int length) throws IOException {
        if (batch.remaining() < length) {
            write();
        }
        batch.put(in.slice(start, Math.min(length, batch.remaining())));
    }

    /** Brings all that was added to the disk; nothing happens when nothing was. */
    void force() throws IOException {
        if (batch.position() > 0) {
            write();
            file.force(false);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void write() throws IOException {
        batch.flip();
        if (position + batch.limit() > FILE_BYTES) {
            position = 0;
        }
        while (batch.hasRemaining()) {
            position += file.write(batch, position);
        }
        batch.clear();
    }
}

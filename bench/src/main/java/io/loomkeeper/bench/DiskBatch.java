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
 * start again when its end is reached. It is deleted when closed.
 */
final class DiskBatch implements AutoCloseable {
    private static final int FILE_BYTES = 1 << 26;
    private static final int BATCH_BYTES = 1 << 22;

    private final Path path;
    private final FileChannel file;
    private final ByteBuffer batch = ByteBuffer.allocateDirect(BATCH_BYTES);
    private long position;

    private DiskBatch(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /** Makes a file in {@code directory}. */
    static DiskBatch in(Path directory) throws IOException {
        Path path = Files.createTempFile(directory, "null-server", ".log");
        FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
        DiskBatch disk = new DiskBatch(path, file);
        for (int i = 0; i < FILE_BYTES / BATCH_BYTES; i++) {
            disk.batch.clear();
            file.write(disk.batch);
        }
        disk.batch.clear();
        file.force(true);
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
        Files.deleteIfExists(path);
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

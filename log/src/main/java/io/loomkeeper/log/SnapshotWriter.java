package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * A snapshot being written: beside its place, under a temporary name, until {@link #commit}.
 * Collects what it is given in one buffer outside the heap, writes it frame by frame, and lets no
 * more than a frame of it wait for the disk. One thread.
 */
public final class SnapshotWriter implements AutoCloseable {
    private static final long REST_NS_MAX = TimeUnit.MILLISECONDS.toNanos(50);

    private final SnapshotStore store;
    private final Path file;
    private final Path temporary;
    private final long zxid;
    private final FileChannel channel;
    private final ByteBuffer frame;
    private final CRC32C frameChecksum = new CRC32C();
    private final CRC32C total = new CRC32C();
    private final ByteBuffer small =
            ByteBuffer.allocateDirect(SnapshotLayout.TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long frames;
    private long contentBytes;

    /** Set under the store's lock: the history that this is a state of was changed meanwhile. */
    private boolean superseded;

    /**
     * @param file its name, once it is complete
     * @param frame of a frame's header and its greatest content; emptied, and in use until the end
     */
    SnapshotWriter(SnapshotStore store, Path file, long zxid, ByteBuffer frame) throws IOException {
        this.store = store;
        this.file = file;
        this.temporary = SnapshotLayout.temporary(file);
        this.zxid = zxid;
        this.frame = frame.clear().order(ByteOrder.LITTLE_ENDIAN);
        this.channel = WholeFile.open(temporary);
        writeHeader();
        frame.position(SnapshotLayout.FRAME_HEADER_BYTES);
    }

    /** Of the state that the image shows. */
    public long zxid() {
        return zxid;
    }

    /**
     * Adds a piece of the image; how the image is cut into pieces makes no difference to the file.
     *
     * @throws IOException when the disk is full or fails: call {@link #abort}
     */
    public void write(DirectBuffer source, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            int n = Math.min(left, frame.remaining());
            source.getBytes(from, frame, frame.position(), n);
            frame.position(frame.position() + n);
            from += n;
            left -= n;
            if (!frame.hasRemaining()) {
                writeFrame();
            }
        }
    }

    /**
     * Makes the snapshot complete, durable, and visible under its name, in this order (rule D8).
     *
     * @return the size of the file, in bytes
     * @throws IOException when the disk is full or fails, or when the history was cut or replaced
     *     while this was written: then there is no such snapshot
     */
    public long commit() throws IOException {
        if (frame.position() > SnapshotLayout.FRAME_HEADER_BYTES) {
            writeFrame();
        }
        writeTrailer();
        long bytes = channel.size();
        store.disk().force(temporary, channel);
        store.lock().lock();
        try {
            publish();
        } finally {
            store.lock().unlock();
        }
        return bytes;
    }

    private void publish() throws IOException {
        if (superseded) {
            throw new IOException("the history was changed while its snapshot was written");
        }
        channel.close();
        store.files().put(temporary, file);
    }

    void supersede() {
        superseded = true;
    }

    /** Leaves no trace. */
    public void abort() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
    }

    /** As {@link #abort}, unless committed. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            abort();
        }
    }

    private void writeHeader() throws IOException {
        small.clear().putLong(SnapshotLayout.MAGIC).putInt(SnapshotLayout.VERSION).putInt(0);
        small.putLong(zxid);
        small.putInt(crc(small.duplicate().flip()));
        total.update(
                small.duplicate().flip().position(SnapshotLayout.HEADER_BYTES - Integer.BYTES));
        writeFully(small.flip());
    }

    private void writeFrame() throws IOException {
        frame.flip();
        int length = frame.limit() - SnapshotLayout.FRAME_HEADER_BYTES;
        frame.putInt(0, length);
        frame.putInt(
                Integer.BYTES, crc(frame.duplicate().position(SnapshotLayout.FRAME_HEADER_BYTES)));
        total.update(
                frame.duplicate().limit(SnapshotLayout.FRAME_HEADER_BYTES).position(Integer.BYTES));
        writeFully(frame);
        frame.clear().position(SnapshotLayout.FRAME_HEADER_BYTES);
        frames++;
        contentBytes += length;
        forceAndRest();
    }

    /**
     * A force of the log may have to wait for what is on its way to the same disk: it never finds
     * more than a frame of this there, and as often as not nothing.
     */
    private void forceAndRest() throws IOException {
        long beforeNs = System.nanoTime();
        store.disk().force(temporary, channel);
        LockSupport.parkNanos(Math.min(System.nanoTime() - beforeNs, REST_NS_MAX));
    }

    private void writeTrailer() throws IOException {
        small.clear()
                .putInt(0)
                .putInt(0)
                .putLong(zxid)
                .putLong(frames)
                .putLong(contentBytes)
                .flip();
        total.update(small.duplicate().position(SnapshotLayout.FRAME_HEADER_BYTES));
        small.putInt(Integer.BYTES, (int) total.getValue());
        writeFully(small);
    }

    private int crc(ByteBuffer content) {
        frameChecksum.reset();
        frameChecksum.update(content);
        return (int) frameChecksum.getValue();
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}

package io.loomkeeper.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads a snapshot file from its first byte to its last, frame by frame, and checks everything on
 * the way. What it has handed out is right as far as its frame goes; the whole is right when it has
 * reached the end without an exception. One thread.
 */
public final class SnapshotReader implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final long fileBytes;
    private final long zxid;
    private final CRC32C frameChecksum = new CRC32C();
    private final CRC32C total = new CRC32C();
    private final ByteBuffer small =
            ByteBuffer.allocateDirect(SnapshotLayout.TRAILER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer content;
    private final UnsafeBuffer contentBuffer;
    private long position;
    private long frames;
    private long contentBytes;

    /** Of the frame at hand, and how much of it {@link #read} has given away. */
    private int frameLength;

    private int taken;
    private boolean ended;

    /** Receives the image in pieces, in order. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Receives the next piece.
         *
         * @param piece valid only during the call
         */
        void onContent(DirectBuffer piece, int offset, int length);
    }

    /**
     * @throws CorruptLogException when the file does not begin as a snapshot of {@code zxid}
     */
    SnapshotReader(Path path, long zxid) throws IOException {
        this.path = path;
        this.zxid = zxid;
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
        this.fileBytes = channel.size();
        this.content =
                ByteBuffer.allocateDirect(
                        (int) Math.min(fileBytes, SnapshotLayout.FRAME_BYTES_MAX));
        this.contentBuffer = new UnsafeBuffer(content);
        boolean ok = false;
        try {
            readHeader();
            ok = true;
        } finally {
            if (!ok) {
                channel.close();
            }
        }
    }

    public long zxid() {
        return zxid;
    }

    public Path path() {
        return path;
    }

    /** Of the file, in bytes. */
    public long size() {
        return fileBytes;
    }

    /** Where in the file a byte of the image lies. */
    public long fileOffset(long imageOffset) {
        long frameHeaders = imageOffset / SnapshotLayout.FRAME_BYTES_MAX + 1;
        return SnapshotLayout.HEADER_BYTES
                + SnapshotLayout.FRAME_HEADER_BYTES * frameHeaders
                + imageOffset;
    }

    /**
     * Hands the whole image to {@code sink}. Once.
     *
     * @throws CorruptLogException with the offset, when a frame or the end is damaged
     */
    public void readAll(Sink sink) throws IOException {
        int length = nextFrame();
        while (length > 0) {
            sink.onContent(contentBuffer, 0, length);
            length = nextFrame();
        }
    }

    /**
     * Copies the next bytes of the image.
     *
     * @return how many, at least one and at most {@code length}; -1 at the end, which has been
     *     checked
     * @throws CorruptLogException with the offset, when a frame or the end is damaged
     */
    public int read(MutableDirectBuffer target, int offset, int length) throws IOException {
        if (taken == frameLength) {
            frameLength = ended ? 0 : nextFrame();
            taken = 0;
            ended = frameLength == 0;
        }
        if (ended) {
            return -1;
        }
        int count = Math.min(length, frameLength - taken);
        target.putBytes(offset, contentBuffer, taken, count);
        taken += count;
        return count;
    }

    private void readHeader() throws IOException {
        read(small, SnapshotLayout.HEADER_BYTES);
        check(small.getLong(0) == SnapshotLayout.MAGIC, 0, "wrong magic");
        int crc = crc(small.duplicate().limit(SnapshotLayout.HEADER_BYTES - Integer.BYTES));
        check(small.getInt(24) == crc, 0, "header with a wrong checksum");
        int version = small.getInt(8);
        check(version == SnapshotLayout.VERSION, 8, "format version " + version);
        check(small.getLong(16) == zxid, 16, "of zxid 0x" + Long.toHexString(small.getLong(16)));
        total.update(small.duplicate().position(SnapshotLayout.HEADER_BYTES - Integer.BYTES));
    }

    /**
     * @return its length, or 0 when there was none and the end is right
     */
    private int nextFrame() throws IOException {
        long start = position;
        read(small, SnapshotLayout.FRAME_HEADER_BYTES);
        int length = small.getInt(0);
        if (length == 0) {
            readTrailer(start, small.getInt(Integer.BYTES));
            return 0;
        }
        long left = fileBytes - position;
        check(
                length > 0 && length <= Math.min(left, SnapshotLayout.FRAME_BYTES_MAX),
                start,
                "frame of " + length + " bytes, " + left + " bytes before the end");
        total.update(small.duplicate().position(Integer.BYTES));
        int crc = small.getInt(Integer.BYTES);
        read(content, length);
        check(crc(content) == crc, start, "frame with a wrong checksum");
        frames++;
        contentBytes += length;
        return length;
    }

    private void readTrailer(long start, int crc) throws IOException {
        read(small, SnapshotLayout.TRAILER_BYTES - SnapshotLayout.FRAME_HEADER_BYTES);
        total.update(small.duplicate());
        check((int) total.getValue() == crc, start, "trailer with a wrong checksum");
        boolean right =
                small.getLong(0) == zxid
                        && small.getLong(8) == frames
                        && small.getLong(16) == contentBytes;
        check(right, start, "trailer of another snapshot");
        check(position == fileBytes, position, "bytes after the end");
    }

    private int crc(ByteBuffer bytes) {
        frameChecksum.reset();
        frameChecksum.update(bytes.duplicate());
        return (int) frameChecksum.getValue();
    }

    /** Reads exactly {@code length} bytes; afterwards they are what remains in the buffer. */
    private void read(ByteBuffer into, int length) throws IOException {
        long start = position;
        into.clear().limit(Math.min(length, into.capacity()));
        check(
                length <= fileBytes - start && length <= into.capacity(),
                fileBytes,
                "ends too early");
        while (into.hasRemaining()) {
            int n = channel.read(into, start + into.position());
            if (n < 0) {
                throw new EOFException(path + " became shorter");
            }
        }
        into.flip();
        position = start + length;
    }

    private void check(boolean condition, long offset, String reason) throws CorruptLogException {
        if (!condition) {
            throw new CorruptLogException(path, offset, reason);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

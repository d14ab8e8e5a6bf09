package io.loomkeeper.tree;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.zip.Adler32;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A version of the tree as Apache's servers keep it in the file of a snapshot (protocol 13.2);
 * those of 3.9 write all of it, older ones take what they know of it. Integers are big-endian.
 *
 * <pre>
 *   int magic "ZKSN" | int version 2 | long -1
 *   the image, as {@link PortableImage} has it
 *   seal
 *   since 3.6   long zxid | int digest version 2 | long digest | seal
 *   since 3.9   long zxid | seal
 *
 *   seal        long Adler-32 of all bytes before it | int 1 | "/"
 * </pre>
 *
 * @param version sealed
 */
public record SealedImage(TreeVersion version) {
    /** The first four bytes. */
    public static final int MAGIC = 0x5a4b534e;

    static final int VERSION = 2;
    static final int HEADER_BYTES = 16;
    static final int DIGEST_BYTES = 20;
    static final int ZXID_BYTES = Long.BYTES;
    static final int SEAL_BYTES = 13;

    private static final long DB_ID = -1;
    private static final int SEALS = 3;
    private static final int STEP_BYTES = 1 << 17;

    /**
     * What was read.
     *
     * @param zxid of the state, where it says so: since 3.9
     */
    public record Found(TreeVersion version, OptionalLong zxid) {}

    /**
     * Reads one to the end of its source.
     *
     * @param zxid that the version gets
     * @throws ImageException when it is damaged, or goes on behind its end
     */
    public static Found read(ImageSource source, long zxid, TreeOptions options)
            throws ImageException {
        return new SealedImageReader(source).read(zxid, options);
    }

    /**
     * How many bytes {@link #write} gives; goes through the whole tree.
     *
     * @param witness is given the most of them, as they are counted
     */
    public long bytes(ImageSink witness) {
        long[] bytes = {HEADER_BYTES + DIGEST_BYTES + ZXID_BYTES + SEALS * SEAL_BYTES};
        new PortableImage()
                .write(
                        version,
                        (source, offset, length) -> {
                            bytes[0] += length;
                            witness.write(source, offset, length);
                        });
        return bytes[0];
    }

    /** Writes it all, in small steps. */
    public void write(ImageSink sink) {
        Sealing sealing = new Sealing(sink);
        sealing.put(ByteBuffer.allocate(HEADER_BYTES).putInt(MAGIC).putInt(VERSION).putLong(DB_ID));
        byte[] step = new byte[STEP_BYTES];
        new PortableImage()
                .write(
                        version,
                        (source, offset, length) -> {
                            byte[] piece = length > step.length ? new byte[length] : step;
                            source.getBytes(offset, piece, 0, length);
                            sealing.put(piece, length);
                        });
        sealing.seal();
        sealing.put(
                ByteBuffer.allocate(DIGEST_BYTES)
                        .putLong(version.zxid())
                        .putInt(TxnDigest.VERSION)
                        .putLong(version.digest()));
        sealing.seal();
        sealing.put(ByteBuffer.allocate(ZXID_BYTES).putLong(version.zxid()));
        sealing.seal();
    }

    /** Passes bytes on and keeps their sum. */
    private static final class Sealing {
        private final ImageSink sink;
        private final Adler32 sum = new Adler32();

        Sealing(ImageSink sink) {
            this.sink = sink;
        }

        void put(ByteBuffer bytes) {
            byte[] copy = new byte[bytes.position()];
            bytes.flip().get(copy);
            put(copy, copy.length);
        }

        void put(byte[] bytes, int length) {
            sum.update(bytes, 0, length);
            sink.write(new UnsafeBuffer(bytes), 0, length);
        }

        void seal() {
            byte[] end = "/".getBytes(StandardCharsets.US_ASCII);
            put(ByteBuffer.allocate(SEAL_BYTES).putLong(sum.getValue()).putInt(1).put(end));
        }
    }
}

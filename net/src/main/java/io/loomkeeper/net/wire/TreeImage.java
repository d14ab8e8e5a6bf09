package io.loomkeeper.net.wire;

import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.ImageException;
import io.loomkeeper.tree.ImageSink;
import io.loomkeeper.tree.PortableImage;
import io.loomkeeper.tree.PortableImageReader;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.zab.Image;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A version of the tree as what a Snap brings (protocol 15.5).
 *
 * <pre>
 *   the image, as {@link PortableImage} has it | ustring "BenWasHere"
 * </pre>
 *
 * @param version sealed
 */
public record TreeImage(TreeVersion version) implements Image {
    private static final String SIGNATURE = "BenWasHere";

    @Override
    public long zxid() {
        return version.zxid();
    }

    /** Writes what follows the packet of a Snap. */
    public void write(ImageSink sink) {
        new PortableImage().write(version, sink);
        UnsafeBuffer signature = signature();
        sink.write(signature, 0, signature.capacity());
    }

    /**
     * The same with the use of each quota counted anew, as Apache's learners do: a leader of
     * Apache's writes while transactions are applied (protocol 9).
     */
    TreeImage recounted() {
        return new TreeImage(DataTree.recounted(version));
    }

    private static UnsafeBuffer signature() {
        byte[] text = SIGNATURE.getBytes(StandardCharsets.US_ASCII);
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[Integer.BYTES + text.length]);
        buffer.putInt(0, text.length, ByteOrder.BIG_ENDIAN);
        buffer.putBytes(Integer.BYTES, text);
        return buffer;
    }

    /** Reads what follows the packet of a Snap. */
    static final class Reader {
        private final PortableImageReader nodes;
        private final UnsafeBuffer signature = signature();
        private boolean signed;

        Reader(long zxid, TreeOptions options) {
            nodes = new PortableImageReader(zxid, options);
        }

        /** Reads on; returns how many of the bytes were used. */
        int read(DirectBuffer source, int offset, int length) throws MalformedException {
            int used;
            try {
                used = nodes.read(source, offset, length);
            } catch (ImageException e) {
                throw new MalformedException(String.valueOf(e.getMessage()));
            }
            if (nodes.complete() == null || length - used < signature.capacity()) {
                return used;
            }
            DirectBuffer there = new UnsafeBuffer(source, offset + used, signature.capacity());
            if (!there.equals(signature)) {
                throw new MalformedException("an image without its signature");
            }
            signed = true;
            return used + signature.capacity();
        }

        /** The image, once all of it was read. */
        @Nullable TreeImage complete() {
            TreeVersion version = nodes.complete();
            return signed && version != null ? new TreeImage(version) : null;
        }
    }
}

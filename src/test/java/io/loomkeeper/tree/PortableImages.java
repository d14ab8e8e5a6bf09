package io.loomkeeper.tree;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** Portable images in arrays, written and read in steps. */
final class PortableImages {
    private static final int STEP_BYTES = 100;

    private PortableImages() {}

    static byte[] write(TreeVersion version) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PortableImage(STEP_BYTES)
                .write(
                        version,
                        (source, offset, length) -> {
                            byte[] step = new byte[length];
                            source.getBytes(offset, step);
                            out.writeBytes(step);
                        });
        return out.toByteArray();
    }

    /** The tree of an image that is all there. */
    static TreeVersion whole(byte[] image, long zxid, TreeOptions options, int stepBytes)
            throws ImageException {
        return requireNonNull(read(image, zxid, options, stepBytes));
    }

    /** Hands over at most {@code stepBytes} more each time; null when the image does not end. */
    static @Nullable TreeVersion read(byte[] image, long zxid, TreeOptions options, int stepBytes)
            throws ImageException {
        PortableImageReader reader = new PortableImageReader(zxid, options);
        UnsafeBuffer buffer = new UnsafeBuffer(image);
        int used = 0;
        for (int there = 0; there < image.length && reader.complete() == null; ) {
            there = Math.min(there + stepBytes, image.length);
            used += reader.read(buffer, used, there - used);
        }
        return reader.complete();
    }
}

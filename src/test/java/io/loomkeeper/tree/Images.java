package io.loomkeeper.tree;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32C;
import org.agrona.MutableDirectBuffer;

/** Images in arrays, in steps small enough for most of them to take several. */
final class Images {
    private static final int STEP_BYTES = 1000;

    private Images() {}

    static byte[] write(TreeVersion version) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new SnapshotImage(STEP_BYTES)
                .write(
                        version,
                        (source, offset, length) -> {
                            byte[] step = new byte[length];
                            source.getBytes(offset, step);
                            out.write(step, 0, length);
                        });
        return out.toByteArray();
    }

    static TreeVersion load(byte[] image, TreeOptions options) throws ImageException {
        return load(image, options, image.length);
    }

    /** Hands out at most {@code stepBytes} at a time. */
    static TreeVersion load(byte[] image, TreeOptions options, int stepBytes)
            throws ImageException {
        return new SnapshotImage(STEP_BYTES).load(new Source(image, stepBytes), options);
    }

    /** With the sum at its end made right again. */
    static byte[] summed(byte[] image) {
        byte[] right = image.clone();
        CRC32C crc = new CRC32C();
        crc.update(right, 0, right.length - Integer.BYTES);
        for (int i = 0; i < Integer.BYTES; i++) {
            right[right.length - 1 - i] = (byte) (crc.getValue() >>> (8 * i));
        }
        return right;
    }

    private static final class Source implements ImageSource {
        private final byte[] image;
        private final int stepBytes;
        private int at;

        Source(byte[] image, int stepBytes) {
            this.image = image;
            this.stepBytes = stepBytes;
        }

        @Override
        public int read(MutableDirectBuffer target, int offset, int length) {
            int step = Math.min(Math.min(length, stepBytes), image.length - at);
            if (step == 0) {
                return -1;
            }
            target.putBytes(offset, image, at, step);
            at += step;
            return step;
        }
    }
}

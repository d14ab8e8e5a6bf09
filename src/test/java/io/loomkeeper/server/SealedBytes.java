package io.loomkeeper.server;

import io.loomkeeper.tree.SealedImage;
import io.loomkeeper.tree.TreeVersion;
import java.io.ByteArrayOutputStream;

/** A state as Apache's servers keep it, in memory. */
final class SealedBytes {
    private SealedBytes() {}

    static byte[] of(TreeVersion version) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new SealedImage(version)
                .write(
                        (source, offset, length) -> {
                            byte[] piece = new byte[length];
                            source.getBytes(offset, piece);
                            bytes.writeBytes(piece);
                        });
        return bytes.toByteArray();
    }
}

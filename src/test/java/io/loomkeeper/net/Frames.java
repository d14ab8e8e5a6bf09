package io.loomkeeper.net;

import io.loomkeeper.tree.ChildNames;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Looks into encoded frames. */
final class Frames {
    private Frames() {}

    /** The xids of all frames in {@code bytes}, which hold whole ones. */
    static List<Integer> xids(ByteBuffer bytes) {
        List<Integer> xids = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int length = bytes.getInt();
            xids.add(bytes.getInt(bytes.position()));
            bytes.position(bytes.position() + length);
        }
        return xids;
    }

    /** Names that promise one and fail to deliver it. */
    static ChildNames brokenNames() {
        return new ChildNames() {
            @Override
            public int count() {
                return 1;
            }

            @Override
            public long utf8Bytes() {
                return 1;
            }

            @Override
            public void forEach(Visitor visitor) {
                throw new IllegalStateException("broken on purpose");
            }
        };
    }
}

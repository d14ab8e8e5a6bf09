package io.loomkeeper.net.wire;

import io.loomkeeper.tree.ChildNames;
import java.nio.ByteBuffer;

/** The names in a getChildren reply, as they came: a copy of the vector without its count. */
final class DecodedNames implements ChildNames {
    private final int count;
    private final byte[] encoded;

    private DecodedNames(int count, byte[] encoded) {
        this.count = count;
        this.encoded = encoded;
    }

    static DecodedNames decode(JuteInput in) throws MalformedException {
        int count = Math.max(0, in.readCount(Integer.BYTES));
        int start = in.position();
        for (int i = 0; i < count; i++) {
            if (in.skipString() == 0) {
                throw new MalformedException("child without a name");
            }
        }
        byte[] encoded = new byte[in.position() - start];
        in.buffer().getBytes(start, encoded);
        return new DecodedNames(count, encoded);
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long utf8Bytes() {
        return encoded.length - (long) count * Integer.BYTES;
    }

    @Override
    public void forEach(Visitor visitor) {
        ByteBuffer lengths = ByteBuffer.wrap(encoded);
        for (int at = 0; at < encoded.length; ) {
            int length = lengths.getInt(at);
            visitor.onName(encoded, at + Integer.BYTES, length);
            at += Integer.BYTES + length;
        }
    }
}

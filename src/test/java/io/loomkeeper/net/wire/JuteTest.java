package io.loomkeeper.net.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.tree.Bytes;
import java.nio.ByteBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class JuteTest {
    private final JuteOutput out = new JuteOutput(new ExpandableArrayBuffer(1));

    @Test
    void valuesComeBackInOrder() throws MalformedException {
        out.writeBool(true);
        out.writeInt(-7);
        out.writeLong(Long.MIN_VALUE);
        out.writeString("/é");
        out.writeBytes(Bytes.utf8("x"));
        out.writeBool(false);
        JuteInput in = written();
        assertTrue(in.readBool());
        assertEquals(-7, in.readInt());
        assertEquals(Long.MIN_VALUE, in.readLong());
        assertEquals("/é", in.readString());
        assertEquals(Bytes.utf8("x"), in.readBytes());
        assertFalse(in.readBool());
        assertEquals(0, in.remaining());
    }

    @Test
    void anyNonZeroByteIsTrue() throws MalformedException {
        assertTrue(input(2).readBool());
        assertTrue(input(-1).readBool());
    }

    @Test
    void nullAndEmptyDiffer() throws MalformedException {
        out.writeString(null);
        out.writeString("");
        out.writeBytes((Bytes) null);
        out.writeBytes(Bytes.EMPTY);
        JuteInput in = written();
        assertNull(in.readString());
        assertEquals("", in.readString());
        assertNull(in.readBytes());
        assertEquals(Bytes.EMPTY, in.readBytes());
    }

    @Test
    void sliceInsideADirectBufferReadsAlike() throws MalformedException {
        out.writeString("/a€");
        out.writeBytes(Bytes.utf8("data"));
        byte[] bytes = Golden.bytes(out);
        UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length + 5));
        direct.putBytes(3, bytes);
        JuteInput in = new JuteInput().wrap(direct, 3, bytes.length);
        assertEquals("/a€", in.readString());
        assertEquals(Bytes.utf8("data"), in.readBytes());
    }

    @Test
    void sliceOfAWrappedArrayReadsAlike() throws MalformedException {
        out.writeString("/ab");
        byte[] padded = new byte[out.position() + 9];
        System.arraycopy(Golden.bytes(out), 0, padded, 7, out.position());
        UnsafeBuffer shifted = new UnsafeBuffer(padded, 4, padded.length - 4);
        assertEquals("/ab", new JuteInput().wrap(shifted, 3, out.position()).readString());
    }

    @Test
    void lengthsBeyondTheSliceAreMalformedEvenIfTheBufferGoesOn() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[100]);
        buffer.putByte(3, (byte) 5);
        JuteInput in = new JuteInput().wrap(buffer, 0, 8);
        assertThrows(MalformedException.class, () -> in.readString());
    }

    @Test
    void negativeLengthsOtherThanNullAreMalformed() {
        assertThrows(MalformedException.class, () -> input(-1, -1, -1, -2).readString());
        assertThrows(MalformedException.class, () -> input(-128, 0, 0, 0).readBytes());
    }

    @Test
    void negativeCountsOtherThanNullAreEmptyVectors() throws MalformedException {
        assertEquals(0, input(-1, -1, -1, -2).readCount(1));
        assertEquals(0, input(-128, 0, 0, 0).readCount(1));
    }

    @Test
    void countsAreHeldAgainstTheBytesThatElementsNeed() throws MalformedException {
        assertEquals(2, input(0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0).readCount(4));
        assertEquals(-1, input(-1, -1, -1, -1).readCount(4));
        assertThrows(
                MalformedException.class,
                () -> input(0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0).readCount(4));
        assertThrows(MalformedException.class, () -> input(127, -1, -1, -1).readCount(1));
    }

    @Test
    void valuesCutShortAreMalformed() {
        assertThrows(MalformedException.class, () -> input(0, 0, 0).readInt());
        assertThrows(MalformedException.class, () -> input(0, 0, 0, 0, 0, 0, 0).readLong());
        assertThrows(MalformedException.class, () -> input().readBool());
    }

    @Test
    void illFormedUtf8IsReplacedNotRefused() throws MalformedException {
        assertEquals("\ufffd", input(0, 0, 0, 1, 0xff).readString());
    }

    @Test
    void surrogatesThatWeWroteDoNotComeBack() throws MalformedException {
        out.writeString("😀");
        assertEquals(Integer.BYTES + 6, out.position());
        assertNotEquals("😀", written().readString());
    }

    @Test
    void frameLengthCountsWhatFollowsIt() {
        int frame = out.beginFrame();
        out.writeLong(1);
        out.writeString("abc");
        out.endFrame(frame);
        byte[] bytes = Golden.bytes(out);
        assertEquals(15, ByteBuffer.wrap(bytes).getInt());
        assertEquals(4 + 15, bytes.length);
    }

    @Test
    void outputThatDoesNotFitAFixedBufferIsRefused() {
        JuteOutput small = new JuteOutput(new UnsafeBuffer(new byte[6]));
        small.writeInt(1);
        assertThrows(IndexOutOfBoundsException.class, () -> small.writeString("abc"));
        assertEquals(4, small.position());
    }

    private JuteInput written() {
        return new JuteInput().wrap(out.buffer(), 0, out.position());
    }

    private static JuteInput input(int... bytes) {
        byte[] array = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            array[i] = (byte) bytes[i];
        }
        return new JuteInput().wrap(new UnsafeBuffer(array), 0, array.length);
    }
}

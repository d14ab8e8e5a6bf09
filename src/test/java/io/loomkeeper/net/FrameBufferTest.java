package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameBufferTest {
    private static final int BYTES_MAX = 1 << 20;
    private static final int BUSY_BYTES = 32 * 1024;

    private final FrameBuffer frames = new FrameBuffer();

    @Test
    void framesAreFoundWhereTheyLie() throws IOException {
        receive(frame(3), frame(0), frame(5));
        assertEquals(3, frames.next(BYTES_MAX));
        assertEquals(4, frames.offset());
        assertEquals(0, frames.next(BYTES_MAX));
        assertEquals(5, frames.next(BYTES_MAX));
        assertEquals(FrameBuffer.INCOMPLETE, frames.next(BYTES_MAX));
        assertEquals(0, frames.available());
    }

    @Test
    void frameIsIncompleteUntilItsLastByte() throws IOException {
        byte[] frame = frame(9);
        for (int i = 0; i < frame.length; i++) {
            assertEquals(FrameBuffer.INCOMPLETE, frames.next(BYTES_MAX));
            receive(new byte[] {frame[i]});
        }
        assertEquals(9, frames.next(BYTES_MAX));
    }

    @Test
    void lengthsOutOfBoundsAreIllegalBeforeAnythingElseArrives() throws IOException {
        receive(ByteBuffer.allocate(4).putInt(101).array());
        assertEquals(FrameBuffer.INCOMPLETE, frames.next(101));
        assertEquals(FrameBuffer.ILLEGAL, frames.next(100));
        frames.discard();
        receive(ByteBuffer.allocate(4).putInt(-1).array());
        assertEquals(FrameBuffer.ILLEGAL, frames.next(100));
    }

    @Test
    void announcedLengthCostsNothing() throws IOException {
        receive(ByteBuffer.allocate(4).putInt(BYTES_MAX).array());
        assertEquals(FrameBuffer.INCOMPLETE, frames.next(BYTES_MAX));
        receive(new byte[100]);
        assertEquals(FrameBuffer.QUIET_BYTES, frames.capacity());
    }

    @Test
    void capacityIsAtMostTwiceWhatWasReceived() throws IOException {
        ByteBuffer large = ByteBuffer.wrap(frame(300_000));
        int received = 0;
        while (frames.next(BYTES_MAX) == FrameBuffer.INCOMPLETE) {
            received += receive(large, 5000);
            int bound = Math.max(FrameBuffer.QUIET_BYTES, 2 * received);
            assertTrue(frames.capacity() <= bound, frames.capacity() + " > " + bound);
        }
        assertEquals(300_004, received);
    }

    @Test
    void largeBufferIsGivenUpOnceItIsDrained() throws IOException {
        ByteBuffer large = ByteBuffer.wrap(frame(300_000));
        while (frames.next(BYTES_MAX) == FrameBuffer.INCOMPLETE) {
            receive(large, 1 << 20);
        }
        receive(frame(8));
        assertEquals(BUSY_BYTES, frames.capacity());
        assertEquals(8, frames.next(BYTES_MAX));
        receive(frame(8));
        assertEquals(8, frames.next(BYTES_MAX));
        receive(frame(8));
        assertEquals(FrameBuffer.QUIET_BYTES, frames.capacity());
        assertEquals(8, frames.next(BYTES_MAX));
    }

    @Test
    void busyBufferGrowsAndAQuietOneShrinks() throws IOException {
        ByteBuffer stream = ByteBuffer.allocate(64 * 1024);
        while (stream.hasRemaining()) {
            stream.put(frame(12));
        }
        stream.flip();
        while (stream.hasRemaining()) {
            receive(stream, Integer.MAX_VALUE);
            for (int length = 12; length >= 0; length = frames.next(BYTES_MAX)) {
                assertEquals(12, length);
            }
        }
        assertEquals(BUSY_BYTES, frames.capacity());
        receive(frame(8));
        assertEquals(8, frames.next(BYTES_MAX));
        receive(frame(8));
        assertEquals(8, frames.next(BYTES_MAX));
        assertEquals(BUSY_BYTES, frames.capacity());
        receive(frame(8));
        assertEquals(FrameBuffer.QUIET_BYTES, frames.capacity());
    }

    /** Reads that end in the midst of a frame fill what room there is, and say busy as well. */
    @Test
    void framesThatDoNotFitTheBufferMakeItGrowToo() throws IOException {
        ByteBuffer stream = ByteBuffer.allocate(256 * 1024);
        while (stream.remaining() > 1064) {
            stream.put(frame(1060));
        }
        stream.flip();
        int reads = 0;
        while (stream.hasRemaining()) {
            receive(stream, Integer.MAX_VALUE);
            reads++;
            int length = frames.next(BYTES_MAX);
            while (length >= 0) {
                assertEquals(1060, length);
                length = frames.next(BYTES_MAX);
            }
        }
        assertEquals(BUSY_BYTES, frames.capacity());
        assertTrue(reads < 20, reads + " reads of 256 KB");
    }

    @Test
    void endOfStreamIsTold() throws IOException {
        assertFalse(frames.receive(channel(ByteBuffer.allocate(0), 1)));
    }

    @Test
    void framesSurviveEveryWayOfCuttingTheStream() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FrameBuffer buffer = new FrameBuffer();
            List<byte[]> sent = new ArrayList<>();
            ByteBuffer stream = ByteBuffer.allocate(1 << 20);
            while (sent.size() < 40) {
                byte[] frame = frame(random.nextInt(random.nextBoolean() ? 30 : 9000));
                random.nextBytes(frame);
                ByteBuffer.wrap(frame).putInt(frame.length - 4);
                sent.add(frame);
                stream.put(frame);
            }
            stream.flip();
            int readMax = 1 + random.nextInt(5000);
            int next = 0;
            while (buffer.receive(channel(stream, readMax))) {
                for (int length = buffer.next(BYTES_MAX);
                        length >= 0;
                        length = buffer.next(BYTES_MAX)) {
                    byte[] frame = new byte[4 + length];
                    buffer.buffer().getBytes(buffer.offset() - 4, frame);
                    assertArrayEquals(sent.get(next), frame, "seed " + seed);
                    next++;
                }
            }
            assertEquals(sent.size(), next, "seed " + seed);
        }
    }

    private void receive(byte[]... parts) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(1 << 20);
        for (byte[] part : parts) {
            all.put(part);
        }
        all.flip();
        while (all.hasRemaining()) {
            receive(all, Integer.MAX_VALUE);
        }
    }

    private int receive(ByteBuffer source, int readMax) throws IOException {
        int before = source.remaining();
        assertTrue(frames.receive(channel(source, readMax)));
        return before - source.remaining();
    }

    private static byte[] frame(int length) {
        return ByteBuffer.allocate(4 + length).putInt(length).array();
    }

    /** Gives at most {@code readMax} bytes at a time, and the end of the stream after the last. */
    private static ReadableByteChannel channel(ByteBuffer source, int readMax) {
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) {
                if (!source.hasRemaining()) {
                    return -1;
                }
                int count = Math.min(readMax, Math.min(target.remaining(), source.remaining()));
                target.put(source.slice(source.position(), count));
                source.position(source.position() + count);
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }
}

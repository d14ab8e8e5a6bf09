package io.loomkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * Damage for decoders to stumble over, made from a seed, and the two things that no damage may do:
 * bring out another exception than the decoder's own, and cost more than the bytes that came.
 */
public final class Fuzz {
    /** What lengths, counts, versions and flags turn on. */
    private static final int[] TELLING = {
        0,
        1,
        2,
        4,
        7,
        8,
        -1,
        -2,
        255,
        256,
        65_535,
        65_536,
        1 << 20,
        1 << 24,
        1 << 30,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE - 8,
        Integer.MIN_VALUE
    };

    private static final int DAMAGES_MAX = 4;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Fuzz() {}

    /** What decodes the bytes at hand; throws what it likes. */
    @FunctionalInterface
    public interface Decoding {
        void run() throws Exception;
    }

    /**
     * A copy with one to four damages: bits flipped, a telling number in place of four bytes, bytes
     * left out, doubled or made up, the end cut off.
     */
    public static byte[] damaged(byte[] sound, SplittableRandom random) {
        byte[] bytes = sound.clone();
        for (int left = 1 + random.nextInt(DAMAGES_MAX); left > 0; left--) {
            bytes = bytes.length == 0 ? made(random, 1 + random.nextInt(8)) : once(bytes, random);
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, SplittableRandom random) {
        int at = random.nextInt(bytes.length);
        int end = Math.min(bytes.length, at + 1 + random.nextInt(12));
        return switch (random.nextInt(8)) {
            case 0, 1 -> flipped(bytes, at, 1 << random.nextInt(8));
            case 2, 3 -> numbered(bytes, at & ~3, TELLING[random.nextInt(TELLING.length)]);
            case 4 -> numbered(bytes, at, random.nextInt(64) - 2);
            case 5 -> joined(bytes, at, new byte[0], end);
            case 6 -> joined(bytes, end, Arrays.copyOfRange(bytes, at, end), end);
            default ->
                    random.nextInt(3) == 0
                            ? Arrays.copyOf(bytes, at)
                            : joined(bytes, at, made(random, random.nextInt(8)), at);
        };
    }

    private static byte[] flipped(byte[] bytes, int at, int bit) {
        bytes[at] ^= (byte) bit;
        return bytes;
    }

    private static byte[] numbered(byte[] bytes, int at, int number) {
        byte[] digits = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
        System.arraycopy(digits, 0, bytes, at, Math.min(digits.length, bytes.length - at));
        return bytes;
    }

    private static byte[] joined(byte[] bytes, int upTo, byte[] middle, int from) {
        byte[] joined = Arrays.copyOf(bytes, upTo + middle.length + bytes.length - from);
        System.arraycopy(middle, 0, joined, upTo, middle.length);
        System.arraycopy(bytes, from, joined, upTo + middle.length, bytes.length - from);
        return joined;
    }

    /** Bytes out of nothing. */
    public static byte[] made(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /**
     * Decodes, and fails if anything but {@code refusal} comes out.
     *
     * @return whether the bytes were refused
     */
    public static boolean isRefused(
            byte[] bytes, Class<? extends Exception> refusal, Decoding decoding) {
        try {
            decoding.run();
            return false;
        } catch (Exception | AssertionError e) {
            if (!refusal.isInstance(e)) {
                throw new AssertionError(HexFormat.of().formatHex(bytes), e);
            }
            return true;
        }
    }

    /**
     * As {@link #isRefused}, and fails if more was allocated than so many bytes in any case and so
     * many for each byte that came. Measures the second time and the third, and takes the less: the
     * first may load classes, and at one of the next the JVM may make a method handle's code anew.
     */
    public static boolean isRefusedWithin(
            int bytesInAnyCase,
            int bytesPerByte,
            byte[] bytes,
            Class<? extends Exception> refusal,
            Decoding decoding) {
        boolean isRefused = isRefused(bytes, refusal, decoding);
        long allocated = Math.min(cost(bytes, refusal, decoding), cost(bytes, refusal, decoding));
        assertTrue(
                allocated <= bytesInAnyCase + (long) bytesPerByte * bytes.length,
                () -> allocated + " bytes for " + HexFormat.of().formatHex(bytes));
        assertEquals(
                isRefused,
                isRefused(bytes, refusal, decoding),
                () -> HexFormat.of().formatHex(bytes));
        return isRefused;
    }

    private static long cost(byte[] bytes, Class<? extends Exception> refusal, Decoding decoding) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        isRefused(bytes, refusal, decoding);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}

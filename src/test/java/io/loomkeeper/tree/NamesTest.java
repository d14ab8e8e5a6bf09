package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A component of a path string and its UTF-8 bytes are one and the same name. */
final class NamesTest {
    private static final List<String> PIECES =
            List.of("a", "Z", "-", "0123456", "ü", "日本", "😀", "\ud800", "\udc00", "\u0000", "~");

    @Test
    void stringAndBytesHashAlike() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            String name = name(random);
            byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
            String path = "/x/" + name + "/y";

            assertEquals(Names.hash(utf8, 0, utf8.length), Names.hash(path, 3, 3 + name.length()));
            assertTrue(Names.isUtf8(utf8, 0, utf8.length));
            String seen = new String(utf8, StandardCharsets.UTF_8);
            assertEquals(seen.length(), Names.utf16Length(utf8, 0, utf8.length));
        }
    }

    @Test
    void comparesAsUnsignedBytesDo() {
        Random random = new Random(2);
        for (int i = 0; i < 20_000; i++) {
            String a = name(random);
            String b = random.nextInt(3) == 0 ? a : name(random);
            byte[] utf8A = a.getBytes(StandardCharsets.UTF_8);
            byte[] utf8B = b.getBytes(StandardCharsets.UTF_8);
            int expected = Arrays.compareUnsigned(utf8A, utf8B);

            int actual = Names.compare(utf8A, 0, utf8A.length, "/" + b, 1, 1 + b.length());

            assertEquals(Integer.signum(expected), Integer.signum(actual), a + " " + b);
        }
    }

    @Test
    void aMillionSequentialNamesHaveDifferentHashes() {
        Set<Long> hashes = new HashSet<>();
        for (int i = 0; i < 1_000_000; i++) {
            String name = "node-%010d".formatted(i);
            hashes.add(Names.hash(name, 0, name.length()));
        }
        assertEquals(1_000_000, hashes.size());
    }

    @Test
    void overlongAndCutOffEncodingsAreNotUtf8() {
        for (byte[] wrong :
                List.of(
                        new byte[] {(byte) 0xc0, (byte) 0x80},
                        new byte[] {(byte) 0xe6, (byte) 0x97},
                        new byte[] {(byte) 0x80},
                        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80})) {
            assertFalse(Names.isUtf8(wrong, 0, wrong.length));
        }
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        int pieces = random.nextInt(6);
        for (int i = 0; i < pieces; i++) {
            int kinds = random.nextBoolean() ? 4 : PIECES.size();
            name.append(PIECES.get(random.nextInt(kinds)));
        }
        return name.toString();
    }
}

package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MappedPagesTest {
    private static final int FILE_BYTES = 1 << 20;

    /** ENOMEM: what msync says of addresses without memory. */
    private static final int NOT_MAPPED = 12;

    @TempDir private Path directory;

    @Test
    void whatWasStoredIsInTheFileAndInTheMapping() throws IOException {
        byte[] content = new byte[FILE_BYTES];
        new Random(1).nextBytes(content);
        Path file = directory.resolve("file");
        try (FileChannel channel =
                        FileChannel.open(
                                file,
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mapped =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES, arena);
            mapped.copyFrom(MemorySegment.ofArray(content));
            MappedPages.release(mapped.address() + 100, mapped.address() + 50_001);
            MappedPages.release(mapped.address() + 60_000, mapped.address() + FILE_BYTES);
            assertArrayEquals(content, mapped.toArray(ValueLayout.JAVA_BYTE));
            channel.force(false);
            assertArrayEquals(content, Files.readAllBytes(file));
            mapped.set(ValueLayout.JAVA_BYTE, 4096, (byte) 7);
            assertEquals(7, Files.readAllBytes(file)[4096]);
        }
    }

    /** Memory of another kind stands beside it: what is not asked for keeps its content. */
    @Test
    void fewPagesAndNoneAreLeftAlone() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment own = arena.allocate(2 * 4096, 4096);
            own.fill((byte) 5);
            MappedPages.release(own.address(), own.address() + 2 * 4096);
            MappedPages.release(own.address(), own.address());
            assertEquals(5, own.get(ValueLayout.JAVA_BYTE, 4096));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsForcedIsInTheFileAndInTheMapping() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[FILE_BYTES]);
        try (FileChannel channel =
                        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mapped =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES, arena);
            for (int at = 5; at < FILE_BYTES; at += 50_000) {
                mapped.set(ValueLayout.JAVA_BYTE, at, (byte) 7);
                MappedPages.force(mapped.address() + at, mapped.address() + at + 1);
                assertEquals(7, mapped.get(ValueLayout.JAVA_BYTE, at));
            }
            assertArrayEquals(Files.readAllBytes(file), mapped.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void forceOfWhatIsNotMappedFails() {
        IOException refused = assertThrows(IOException.class, () -> MappedPages.force(1, 2));
        assertEquals("cannot force: errno " + NOT_MAPPED, refused.getMessage());
    }
}

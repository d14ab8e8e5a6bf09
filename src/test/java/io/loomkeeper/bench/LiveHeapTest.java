package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class LiveHeapTest {
    /** More than Linux gives out. */
    private static final long NO_PROCESS = (1 << 22) + 1;

    @Test
    void aProcessThatIsNoneIsAnError() {
        String java = Path.of(System.getProperty("java.home", ""), "bin/java").toString();

        assertThrows(IOException.class, () -> LiveHeap.bytes(java, NO_PROCESS));
    }
}

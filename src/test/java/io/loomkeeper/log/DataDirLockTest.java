package io.loomkeeper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirLockTest {
    @TempDir Path dir;

    @Test
    void aSecondServerIsToldWhoHoldsTheDirectory() throws IOException {
        try (DataDirLock _ = DataDirLock.acquire(dir)) {
            IOException refused = assertThrows(IOException.class, () -> DataDirLock.acquire(dir));
            assertEquals(
                    "the data directory "
                            + dir
                            + " is in use by another server (process "
                            + ProcessHandle.current().pid()
                            + ")",
                    refused.getMessage());
        }
    }

    @Test
    void theLockCanBeTakenAgain() throws IOException {
        DataDirLock.acquire(dir).close();
        DataDirLock.acquire(dir).close();
    }
}

package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.conformance.Kazoo.Report;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipes of kazoo, the Python client. A machine without kazoo fails this; it does not skip it.
 */
class KazooTest {
    @Test
    void everyRecipeOfKazooWorks(@TempDir Path directory) throws IOException, InterruptedException {
        Report report = Kazoo.run(ServerCommand.chosen(), directory);

        assertEquals(0, report.exitCode(), report::output);
    }
}

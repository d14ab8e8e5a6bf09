package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SweeperTest {
    private static Config.Tree checkedEveryMs(int intervalMs) throws IOException, ConfigException {
        String text = "dataDir=d\nclientPort=1\nznode.container.checkIntervalMs=" + intervalMs;
        return Config.parse("zoo.cfg", new StringReader(text), Map.of()).tree();
    }

    @Test
    void ticksComeAsOftenAsSweepsAreDue() throws IOException, ConfigException {
        assertEquals(1, Sweeper.tickMs(checkedEveryMs(1)));
        assertEquals(20, Sweeper.tickMs(checkedEveryMs(60_000)));
    }
}

package io.loomkeeper.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the server is slower than it was recorded. */
final class SmokeRecordTest {
    private static final SmokeRecord RECORDED =
            SmokeRecord.parse(List.of("# a comment", "", "0.3000  64 clients, 1 write each"));

    @Test
    void linesAreReadAsTheyAreWritten() {
        assertEquals(Map.of("64 clients, 1 write each", 0.3), RECORDED.shares());
        assertEquals(RECORDED, SmokeRecord.parse(RECORDED.lines()));
    }

    @Test
    void shareThatFellByLessThanAThirdIsNone() {
        assertEquals(List.of(), RECORDED.fallenTo(of(0.21)));
        assertEquals(List.of(), RECORDED.fallenTo(of(0.9)));
    }

    @Test
    void shareThatFellByMoreThanAThirdIsNamedWithBoth() {
        assertEquals(
                List.of(
                        "64 clients, 1 write each: 0.1900 of the null server,"
                                + " 0.3000 when it was recorded"),
                RECORDED.fallenTo(of(0.19)));
    }

    @Test
    void scenarioThatIsNotMeasuredHasFallen() {
        assertEquals(1, RECORDED.fallenTo(SmokeRecord.NONE).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "0.1"})
    void anythingElseIsRefused(String line) {
        assertThrows(UsageException.class, () -> SmokeRecord.parse(List.of(line)));
    }

    private static SmokeRecord of(double share) {
        return new SmokeRecord(Map.of("64 clients, 1 write each", share));
    }
}

package io.loomkeeper.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Benchmark;

/** What a benchmark may allocate, as jmh/budgets.txt says it. */
final class BudgetTest {
    private static final Budget BUDGET =
            Budget.parse("  232  io.loomkeeper.jmh.ABenchmark.setData b=1  a=100 ");

    @Test
    void lineHasBytesBenchmarkAndParameters() {
        assertEquals(232, BUDGET.bytes());
        assertEquals("io.loomkeeper.jmh.ABenchmark.setData", BUDGET.benchmark());
        assertEquals(new TreeMap<>(Map.of("a", "100", "b", "1")), BUDGET.parameters());
        assertEquals("ABenchmark.setData a=100 b=1", BUDGET.name());
        assertEquals(BUDGET, Budget.parse(BUDGET.line()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"232", "x a.B.c", "-1 a.B.c", "1 a.B.c d", "1 a.B.c =d", ""})
    void anythingElseIsRefused(String line) {
        assertThrows(IllegalArgumentException.class, () -> Budget.parse(line));
    }

    @Test
    void budgetIsATenthAboveWhatWasMeasured() {
        Budget recorded = BUDGET.after(200);

        assertEquals(220, recorded.bytes());
        assertTrue(recorded.allows(220.0));
        assertFalse(recorded.allows(220.1));
        assertEquals(0, BUDGET.after(0).bytes());
    }

    @Test
    void everyBudgetIsOfABenchmarkThatIsThere() throws Exception {
        List<Budget> budgets = budgets();

        assertFalse(budgets.isEmpty());
        for (Budget budget : budgets) {
            int dot = budget.benchmark().lastIndexOf('.');
            Class<?> type = Class.forName(budget.benchmark().substring(0, dot));
            String name = budget.benchmark().substring(dot + 1);
            assertTrue(
                    Arrays.stream(type.getMethods()).anyMatch(method -> isCalled(method, name)),
                    budget.benchmark());
        }
    }

    private static boolean isCalled(Method method, String name) {
        return method.getName().equals(name) && method.isAnnotationPresent(Benchmark.class);
    }

    private static List<Budget> budgets() throws IOException {
        Path file =
                Path.of(System.getProperty("loomkeeper.house", "../..")).resolve("jmh/budgets.txt");
        return Files.readAllLines(file).stream().filter(Budget::isIn).map(Budget::parse).toList();
    }
}

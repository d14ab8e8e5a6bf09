package io.loomkeeper.conformance;

import io.loomkeeper.conformance.GuestList.Guest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** One of other people's test classes, run in this JVM: {@code GuestClass <list> <class>}. */
final class GuestClass implements TestExecutionListener {
    private static final Map<String, String> BOUNDED =
            Map.of(
                    "junit.jupiter.execution.timeout.default",
                    "150 s",
                    "junit.jupiter.execution.timeout.thread.mode.default",
                    "SEPARATE_THREAD");

    private final Guest guest;
    private final long startNanos = System.nanoTime();
    private int passed;
    private final List<String> failures = new ArrayList<>();

    private GuestClass(Guest guest) {
        this.guest = guest;
    }

    public static void main(String[] args) throws IOException {
        PrintStream report = System.out;
        System.setOut(System.err);
        GuestList list = GuestList.read(Path.of(args[0]));
        list.properties().forEach(System::setProperty);
        Guest guest = list.guest(args[1]);
        GuestClass run = new GuestClass(guest);
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectClass(guest.name()))
                        .filters((PostDiscoveryFilter) run::keep)
                        .configurationParameters(BOUNDED)
                        .build();
        LauncherFactory.create().execute(request, run);
        report.print(run.report());
        report.flush();
        Runtime.getRuntime().exit(run.isGood() ? 0 : 1);
    }

    private FilterResult keep(TestDescriptor test) {
        return FilterResult.includedIf(
                test.getSource()
                        .filter(MethodSource.class::isInstance)
                        .map(source -> ((MethodSource) source).getMethodName())
                        .map(method -> !guest.without().containsKey(method))
                        .orElse(true));
    }

    /** A test that aborts itself, because it does not like what it finds, has not passed. */
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
            case FAILED, ABORTED -> {
                Throwable why = result.getThrowable().orElseGet(AssertionError::new);
                String first = why.toString().lines().findFirst().orElse("");
                failures.add(test.getDisplayName() + ": " + first);
                System.err.println("FAILED " + test.getUniqueId());
                why.printStackTrace();
            }
        }
    }

    private boolean isGood() {
        return passed > 0 && failures.isEmpty();
    }

    private String report() {
        StringBuilder text = new StringBuilder();
        text.append(isGood() ? "ok   " : "FAIL ");
        text.append("%-68s %3d passed".formatted(guest.name(), passed));
        text.append(failures.isEmpty() ? "" : ", %d failed".formatted(failures.size()));
        int without = guest.without().size();
        text.append(without == 0 ? "" : ", %d left out".formatted(without));
        text.append("  %.1f s\n".formatted((System.nanoTime() - startNanos) / 1e9));
        failures.forEach(failure -> text.append("       ").append(failure).append('\n'));
        return text.toString();
    }
}

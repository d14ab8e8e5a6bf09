package io.loomkeeper.sim;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What one test method shows.
 *
 * @param test its class, without the package that all of ours start with
 * @param method by name; with all its arguments, when it has some
 */
record Fact(String test, String method) {
    /** None of these facts takes that long: what does hangs, which shows nothing. */
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "junit.jupiter.execution.timeout.default",
                    "60 s",
                    "junit.jupiter.execution.timeout.thread.mode.default",
                    "SEPARATE_THREAD");

    /**
     * What became of it.
     *
     * @param ran how often; more than once with several arguments
     * @param failure the first; null when there was none
     */
    record Outcome(int ran, @Nullable Throwable failure) {}

    /** Takes down what the launcher tells. */
    private static final class Recorder implements TestExecutionListener {
        private int ran;
        private @Nullable Throwable failure;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            ran += test.isTest() ? 1 : 0;
            if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL && failure == null) {
                failure = result.getThrowable().orElseGet(IllegalStateException::new);
            }
        }
    }

    /** Runs it with the classes of {@code world}, its own among them. */
    Outcome runIn(ClassLoader world) throws ClassNotFoundException {
        Class<?> loaded = world.loadClass("io.loomkeeper." + test);
        Method found =
                Arrays.stream(loaded.getDeclaredMethods())
                        .filter(one -> one.getName().equals(method))
                        .findFirst()
                        .orElseThrow(() -> new ClassNotFoundException("no such fact: " + this));
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectMethod(loaded, found))
                        .filters(EngineFilter.includeEngines("junit-jupiter"))
                        .configurationParameters(SETTINGS)
                        .build();
        LauncherConfig alone =
                LauncherConfig.builder()
                        .enableLauncherSessionListenerAutoRegistration(false)
                        .enableTestExecutionListenerAutoRegistration(false)
                        .enablePostDiscoveryFilterAutoRegistration(false)
                        .build();
        Recorder recorder = new Recorder();
        LauncherFactory.create(alone).execute(request, recorder);
        return new Outcome(recorder.ran, recorder.failure);
    }

    @Override
    public String toString() {
        return test.substring(test.lastIndexOf('.') + 1) + " " + method;
    }
}

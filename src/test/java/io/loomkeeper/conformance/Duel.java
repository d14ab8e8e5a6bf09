package io.loomkeeper.conformance;

import io.loomkeeper.conformance.Comparison.Difference;
import io.loomkeeper.conformance.RawClient.SilentServer;
import io.loomkeeper.conformance.Side.Frames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Two servers side by side, Apache's and the one under test, that are made to live through the same
 * scripts.
 */
final class Duel implements AutoCloseable {
    private final ServerUnderTest apache;
    private final ServerUnderTest tested;
    private final Side apacheSide;
    private final Side testedSide;
    private final boolean isKnownAllowed;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<KnownDifference, Integer> known = new EnumMap<>(KnownDifference.class);

    /**
     * A script as it was played, and where the two parted; {@code difference} is null if nowhere.
     */
    record Outcome(List<Step> script, @Nullable Difference difference) {}

    /**
     * Starts both.
     *
     * @param properties JVM properties for both, beyond those that a duel always sets
     */
    Duel(
            ServerCommand second,
            boolean isKnownAllowed,
            Path directory,
            Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(COMMON_PROPERTIES);
        all.putAll(properties);
        this.apache =
                ServerUnderTest.start(
                        ServerCommand.apache(), directory.resolve("apache"), KEYS, forApache(all));
        this.tested = ServerUnderTest.start(second, directory.resolve("tested"), KEYS, all);
        this.apacheSide = new Side(apache.port());
        this.testedSide = new Side(tested.port());
        this.isKnownAllowed = isKnownAllowed;
    }

    private static final Map<String, String> KEYS =
            Map.of(
                    "maxClientCnxns", "0",
                    "minSessionTimeout", "300000",
                    "maxSessionTimeout", "600000");

    /** Nothing may happen by itself: no sweep of containers, no expiry, while a script runs. */
    private static final Map<String, String> COMMON_PROPERTIES =
            Map.of(
                    "zookeeper.extendedTypesEnabled", "true",
                    "zookeeper.enforceQuota", "true",
                    "zookeeper.DigestAuthenticationProvider.superDigest", Janitor.SUPER_DIGEST,
                    "znode.container.checkIntervalMs", "86400000");

    private static Map<String, String> forApache(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("zookeeper.forceSync", "no");
        return all;
    }

    /** How often each known difference has shown so far. */
    Map<KnownDifference, Integer> known() {
        return known;
    }

    /** Plays a script of about so many requests, made up from a seed as it goes. */
    Outcome play(Generator generator, int requests) {
        List<Step> script = new ArrayList<>();
        Comparison comparison = begin();
        for (int sent = 0; sent < requests; ) {
            Step step = generator.next(apacheSide::isConnected, apacheSide::hasSession);
            script.add(step);
            Difference difference = play(step, comparison, generator);
            if (difference != null) {
                return new Outcome(script, difference);
            }
            sent += Math.max(1, step.batches().stream().mapToInt(b -> b.ops().size()).sum());
        }
        comparison.known().forEach((which, times) -> known.merge(which, times, Integer::sum));
        return new Outcome(script, null);
    }

    /** Plays a given script. */
    Outcome play(List<Step> script) {
        Comparison comparison = begin();
        for (int i = 0; i < script.size(); i++) {
            Difference difference = play(script.get(i), comparison, null);
            if (difference != null) {
                return new Outcome(script.subList(0, i + 1), difference);
            }
        }
        return new Outcome(script, null);
    }

    private Comparison begin() {
        both(
                () -> {
                    apacheSide.wipe();
                    return 0;
                },
                () -> {
                    testedSide.wipe();
                    return 0;
                });
        return new Comparison(isKnownAllowed);
    }

    private @Nullable Difference play(
            Step step, Comparison comparison, @Nullable Generator generator) {
        try {
            List<Frames> frames =
                    both(() -> apacheSide.perform(step), () -> testedSide.perform(step));
            if (generator != null) {
                step.batches().forEach(batch -> learn(batch, frames.get(0), generator));
            }
            return comparison.compare(step, frames.get(0), frames.get(1));
        } catch (SilentServer e) {
            String who = apache.isAlive() ? "" : " apache is dead";
            who += tested.isAlive() ? "" : " tested is dead";
            return new Difference(
                    "client " + step.client(), "silence" + who, "", "" + e.getMessage());
        }
    }

    private static void learn(Step.Batch batch, Frames frames, Generator generator) {
        int reply = 0;
        for (byte[] frame : frames.of(batch.client())) {
            if (!Side.isNotification(frame) && reply < batch.ops().size()) {
                Op op = batch.ops().get(reply++);
                ReplyReader.createdPath(op, frame).ifPresent(generator::learn);
            }
        }
    }

    private <T> List<T> both(Callable<T> first, Callable<T> second) {
        try {
            Future<T> one = threads.submit(first);
            Future<T> other = threads.submit(second);
            return List.of(one.get(), other.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SilentServer silent) {
                throw silent;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        apacheSide.close();
        testedSide.close();
        threads.shutdownNow();
        apache.close();
        tested.close();
    }
}

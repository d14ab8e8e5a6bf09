package io.loomkeeper.conformance;

import io.loomkeeper.conformance.Duel.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plays random scripts against Apache 3.9.5 and the server under test, side by side, until they
 * part or enough requests were sent. Started by bin/conformance: {@code Differential [--seed N]
 * [--ops M] [--script FILE] [--shrink SECONDS] [--keep-going]}.
 */
final class Differential {
    private static final int REQUESTS_PER_SCRIPT = 3_000;
    private static final int REQUESTS_IN_LOCKSTEP = 400;
    private static final int LOCKSTEP_EVERY = 8;

    private final ServerCommand command;
    private final boolean isKnownAllowed;
    private final Path directory;
    private final int shrinkSeconds;
    private final Map<KnownDifference, Integer> known = new TreeMap<>();
    private Duel duel;
    private int duels;

    /**
     * Starts both servers.
     *
     * @param isKnownAllowed whether {@link KnownDifference}s pass
     * @param shrinkSeconds how long to look for a shorter script once one shows a difference
     */
    Differential(ServerCommand command, boolean isKnownAllowed, Path directory, int shrinkSeconds) {
        this.command = command;
        this.isKnownAllowed = isKnownAllowed;
        this.directory = directory;
        this.shrinkSeconds = shrinkSeconds;
        this.duel = start();
    }

    public static void main(String[] args) throws IOException {
        Map<String, String> options = options(args);
        boolean isApache = System.getProperty("conformance.server", "").equals("apache");
        Path directory = Files.createTempDirectory("differential");
        int shrink = Integer.parseInt(options.getOrDefault("shrink", "120"));
        Differential run = new Differential(ServerCommand.chosen(), !isApache, directory, shrink);
        boolean isSame;
        if (options.containsKey("script")) {
            isSame = run.replay(Path.of(options.getOrDefault("script", "")));
        } else {
            long seed = Long.parseLong(options.getOrDefault("seed", "1"));
            long requests = Long.parseLong(options.getOrDefault("ops", "100000"));
            isSame = run.run(seed, requests, options.containsKey("keep-going"));
        }
        run.close();
        Runtime.getRuntime().exit(isSame ? 0 : 1);
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            String name = args[i].replaceFirst("^--", "");
            boolean hasValue = i + 1 < args.length && !args[i + 1].startsWith("--");
            options.put(name, hasValue ? args[++i] : "");
        }
        return options;
    }

    private Duel start() {
        Path own = directory.resolve("duel" + duels++);
        return new Duel(command, isKnownAllowed, own, Map.of());
    }

    /**
     * Plays scripts of seeds {@code seed}, {@code seed + 1}, …; false if any showed a difference,
     * which is printed.
     */
    boolean run(long seed, long requests, boolean keepGoing) {
        long startNanos = System.nanoTime();
        long next = seed;
        int failures = 0;
        for (long sent = 0; sent < requests && (failures == 0 || keepGoing); next++) {
            boolean isLockstep = next % LOCKSTEP_EVERY == 0;
            int length = isLockstep ? REQUESTS_IN_LOCKSTEP : REQUESTS_PER_SCRIPT;
            Outcome outcome = duel.play(new Generator(next, isLockstep), length);
            sent += length;
            if (outcome.difference() != null) {
                failures++;
                report(next, outcome);
            }
        }
        duel.known().forEach((which, times) -> known.merge(which, times, Integer::sum));
        IO.println(
                "differential: seeds %d to %d, %d failed, %.1f s, known differences %s"
                        .formatted(
                                seed,
                                next - 1,
                                failures,
                                (System.nanoTime() - startNanos) / 1e9,
                                known));
        return failures == 0;
    }

    private boolean replay(Path file) throws IOException {
        Outcome outcome = duel.play(Script.parse(Files.readAllLines(file)));
        IO.println(outcome.difference() == null ? "no difference" : outcome.difference());
        return outcome.difference() == null;
    }

    /**
     * Shrinks, prints and keeps the script; afterwards both servers are fresh, whatever the script
     * did to them.
     */
    private void report(long seed, Outcome outcome) {
        IO.println("seed " + seed + ": " + outcome.difference());
        Outcome shorter = shrink(outcome);
        Path file = directory.resolve("seed-" + seed + ".script");
        String text = Script.print(shorter.script());
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            IO.println("not written: " + e);
        }
        IO.println("shrunk to this, also in " + file + ":");
        IO.println(text.length() > 6_000 ? text.substring(0, 6_000) + "…" : text);
        IO.println(shorter.difference());
    }

    private Outcome shrink(Outcome outcome) {
        Shrinker shrinker = new Shrinker(this::differs, shrinkSeconds);
        restart();
        List<Step> script = outcome.script();
        boolean isRepeatable = differs(script);
        List<Step> shorter = isRepeatable ? shrinker.shrink(script) : script;
        restart();
        Outcome last = duel.play(shorter);
        restart();
        if (!isRepeatable || last.difference() == null) {
            IO.println("(played again on fresh servers, it shows no difference: not shrunk)");
            return outcome;
        }
        return last;
    }

    private boolean differs(List<Step> script) {
        Outcome outcome = duel.play(script);
        if (outcome.difference() != null && outcome.difference().what().startsWith("silence")) {
            restart();
        }
        return outcome.difference() != null;
    }

    private void restart() {
        duel.known().forEach((which, times) -> known.merge(which, times, Integer::sum));
        duel.close();
        duel = start();
    }

    void close() {
        duel.close();
    }

    /** How often each known difference has shown. */
    Map<KnownDifference, Integer> known() {
        return known;
    }

    /** For a test that wants to see what was found. */
    @Nullable Outcome playOne(long seed) {
        Outcome outcome = duel.play(new Generator(seed, false), REQUESTS_PER_SCRIPT);
        return outcome.difference() == null ? null : outcome;
    }
}

package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MINUTES;

import io.loomkeeper.conformance.GuestList.Guest;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs other people's test classes, unmodified, against the server under test, and says of each
 * class what became of it. Every class has a JVM of its own, since such tests leave system
 * properties, logins and threads behind. Started by bin/conformance: {@code GuestRun <list> <JVMs
 * at once> [core] [<part of a class name> ...]}.
 */
final class GuestRun {
    private static final int CLASS_WITHIN_MINUTES = 20;

    private GuestRun() {}

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        List<String> wanted = new ArrayList<>(Arrays.asList(args).subList(2, args.length));
        boolean coreOnly = wanted.remove("core");
        GuestList list = GuestList.read(file);
        List<String> wrong = list.disagreements(new GuestJars(jars()).testClasses());
        wrong.forEach(IO::println);
        if (!wrong.isEmpty()) {
            System.exit(2);
        }
        long startNanos = System.nanoTime();
        List<Callable<Verdict>> runs = new ArrayList<>();
        for (Guest guest : list.guests()) {
            boolean isWanted = wanted.isEmpty() || wanted.stream().anyMatch(guest.name()::contains);
            if (guest.runs() && isWanted && (guest.isCore() || !coreOnly)) {
                runs.add(() -> runAlone(file, guest));
            }
        }
        List<Verdict> verdicts = runAll(runs, Integer.parseInt(args[1]));
        long bad = verdicts.stream().filter(verdict -> !verdict.isGood()).count();
        IO.println(
                "%d of %d classes failed, %.0f s; left out with reasons in %s: %s"
                        .formatted(
                                bad,
                                runs.size(),
                                (System.nanoTime() - startNanos) / 1e9,
                                file.getFileName(),
                                list.leftOut()));
        IO.println(sum(verdicts));
        System.exit(bad == 0 && !runs.isEmpty() ? 0 : 1);
    }

    /** In the form of other test runners, which bin/check adds up. */
    private static String sum(List<Verdict> verdicts) {
        int passed = verdicts.stream().mapToInt(Verdict::passed).sum();
        int failed = verdicts.stream().mapToInt(Verdict::failed).sum();
        long dead = verdicts.stream().filter(v -> !v.isGood() && v.failed() == 0).count();
        return "Tests run: %d, Failures: %d, Errors: %d, Skipped: 0"
                .formatted(passed + failed + dead, failed, dead);
    }

    /**
     * What became of one class: how many of its tests passed and failed, and whether all is well.
     */
    private record Verdict(int passed, int failed, boolean isGood) {
        private static final Pattern PASSED = Pattern.compile("(\\d+) passed");
        private static final Pattern FAILED = Pattern.compile("(\\d+) failed");

        static Verdict of(String report, boolean isGood) {
            return new Verdict(number(PASSED, report), number(FAILED, report), isGood);
        }

        private static int number(Pattern pattern, String report) {
            String first = report.lines().findFirst().orElse("");
            Matcher number = pattern.matcher(first);
            return number.find() ? Integer.parseInt(number.group(1)) : 0;
        }
    }

    private static List<Path> jars() {
        return Arrays.stream(System.getProperty("java.class.path").split(":"))
                .map(Path::of)
                .filter(entry -> entry.toString().endsWith("-tests.jar"))
                .filter(entry -> !entry.startsWith(ServerCommand.house().resolve("src")))
                .toList();
    }

    private static List<Verdict> runAll(List<Callable<Verdict>> runs, int atOnce)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            List<Verdict> verdicts = new ArrayList<>();
            for (Future<Verdict> run : threads.invokeAll(runs)) {
                verdicts.add(run.get());
            }
            return verdicts;
        }
    }

    /**
     * Runs one class in a JVM with this one's flags; its report goes to our output in one piece.
     */
    private static Verdict runAlone(Path file, Guest guest)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.addAll(List.of("-cp", System.getProperty("java.class.path")));
        words.addAll(List.of(GuestClass.class.getName(), file.toString(), guest.name()));
        Process process = new ProcessBuilder(words).redirectError(Redirect.INHERIT).start();
        String report = new String(process.getInputStream().readAllBytes(), UTF_8);
        boolean ended = process.waitFor(CLASS_WITHIN_MINUTES, MINUTES);
        process.destroyForcibly();
        IO.print(report.isEmpty() ? "FAIL " + guest.name() + " reports nothing\n" : report);
        return Verdict.of(report, ended && process.exitValue() == 0);
    }
}

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
        List<Callable<Boolean>> runs = new ArrayList<>();
        for (Guest guest : list.guests()) {
            boolean isWanted = wanted.isEmpty() || wanted.stream().anyMatch(guest.name()::contains);
            if (guest.runs() && isWanted && (guest.isCore() || !coreOnly)) {
                runs.add(() -> runAlone(file, guest));
            }
        }
        long failed = runs.size() - runAll(runs, Integer.parseInt(args[1]));
        IO.println(
                "%d of %d classes failed, %.0f s; left out with reasons in %s: %s"
                        .formatted(
                                failed,
                                runs.size(),
                                (System.nanoTime() - startNanos) / 1e9,
                                file.getFileName(),
                                list.leftOut()));
        System.exit(failed == 0 && !runs.isEmpty() ? 0 : 1);
    }

    private static List<Path> jars() {
        return Arrays.stream(System.getProperty("java.class.path").split(":"))
                .filter(entry -> entry.endsWith("-tests.jar") && !entry.contains("loomkeeper"))
                .map(Path::of)
                .toList();
    }

    private static long runAll(List<Callable<Boolean>> runs, int atOnce)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            long good = 0;
            for (Future<Boolean> run : threads.invokeAll(runs)) {
                good += run.get() ? 1 : 0;
            }
            return good;
        }
    }

    /**
     * Runs one class in a JVM with this one's flags; its report goes to our output in one piece.
     */
    private static boolean runAlone(Path file, Guest guest)
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
        return ended && process.exitValue() == 0;
    }
}

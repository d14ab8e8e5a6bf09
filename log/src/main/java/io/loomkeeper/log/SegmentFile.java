package io.loomkeeper.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One segment's file, by its name. A run (one start of the server) is a directory that carries the
 * number of its first segment; inside it Chronicle names its files by the hours since 1970, which
 * we drive: the first segment of run 17 is {@code run-17/19700101-01F.cq4}, and the file of hour h
 * is segment 17 + h - 1.
 *
 * @param number of the segment, rising over all runs, from 1
 */
record SegmentFile(long number, Path path) {
    private static final Pattern RUN = Pattern.compile("run-([1-9][0-9]{0,17})");
    private static final Pattern FILE = Pattern.compile("([0-9]{8}-[0-9]{2})F\\.cq4");
    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("yyyyMMdd-HH", Locale.ROOT);
    private static final LocalDateTime FIRST_HOUR = LocalDate.EPOCH.atTime(1, 0);

    static Path runDirectory(Path logDir, long firstSegment) {
        return logDir.resolve("run-" + firstSegment);
    }

    /** The name that Chronicle gives to the file of a segment. */
    static String fileName(long firstSegment, long segment) {
        return HOUR.format(FIRST_HOUR.plusHours(segment - firstSegment)) + "F.cq4";
    }

    /** The first segment numbers of all runs, rising. */
    static List<Long> runs(Path logDir) throws IOException {
        List<Long> runs = new ArrayList<>();
        try (Stream<Path> entries = Files.list(logDir)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                Matcher name = RUN.matcher(entry.getFileName().toString());
                if (name.matches()) {
                    runs.add(Long.parseLong(name.group(1)));
                }
            }
        }
        runs.sort(Comparator.naturalOrder());
        return runs;
    }

    /** All segment files of a log directory, by rising number. */
    static List<SegmentFile> list(Path logDir) throws IOException {
        List<SegmentFile> files = new ArrayList<>();
        for (long run : runs(logDir)) {
            addRun(logDir, run, files);
        }
        files.sort(Comparator.comparingLong(SegmentFile::number));
        for (int i = 1; i < files.size(); i++) {
            if (files.get(i).number == files.get(i - 1).number) {
                throw new CorruptLogException(
                        files.get(i).path, 0, "a second file of segment " + files.get(i).number);
            }
        }
        return files;
    }

    /** Whether a run's directory holds no segment. */
    static boolean isEmptyRun(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.noneMatch(e -> FILE.matcher(e.getFileName().toString()).matches());
        }
    }

    private static void addRun(Path logDir, long run, List<SegmentFile> files) throws IOException {
        try (Stream<Path> entries = Files.list(runDirectory(logDir, run))) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                Matcher name = FILE.matcher(entry.getFileName().toString());
                if (name.matches()) {
                    files.add(new SegmentFile(run + hour(name.group(1)) - 1, entry));
                }
            }
        }
    }

    private static long hour(String name) {
        LocalDateTime time = LocalDateTime.parse(name, HOUR);
        return ChronoUnit.HOURS.between(LocalDate.EPOCH.atStartOfDay(), time);
    }
}

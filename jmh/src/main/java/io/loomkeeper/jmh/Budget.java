package io.loomkeeper.jmh;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What one benchmark may allocate.
 *
 * <pre>
 *   BYTES  BENCHMARK  PARAMETER=VALUE ...        one line of jmh/budgets.txt
 * </pre>
 *
 * @param bytes per operation, at most
 * @param benchmark class and method, the class with its package
 * @param parameters that are not left at all their values
 */
record Budget(long bytes, String benchmark, SortedMap<String, String> parameters) {
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    /**
     * Reads a line that is neither empty nor a comment.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static Budget parse(String line) {
        List<String> words = List.of(BLANKS.split(line.strip(), -1));
        if (words.size() < 2 || !words.getFirst().matches("[0-9]{1,15}")) {
            throw new IllegalArgumentException(
                    "not \"BYTES BENCHMARK PARAMETER=VALUE ...\": " + line);
        }
        SortedMap<String, String> parameters = new TreeMap<>();
        for (String word : words.subList(2, words.size())) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("not PARAMETER=VALUE: " + word);
            }
            parameters.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return new Budget(Long.parseLong(words.getFirst()), words.get(1), parameters);
    }

    /** Whether a line of the file holds a budget. */
    static boolean isIn(String line) {
        return !line.isBlank() && !line.startsWith("#");
    }

    boolean allows(double measured) {
        return measured <= bytes;
    }

    /** The same benchmark, allowed a tenth more than {@code measured} bytes. */
    Budget after(double measured) {
        return new Budget((long) Math.ceil(measured * 11 / 10), benchmark, parameters);
    }

    /** Class, method and parameters, without the package. */
    String name() {
        int method = benchmark.lastIndexOf('.');
        int type = benchmark.lastIndexOf('.', method - 1);
        StringBuilder name = new StringBuilder(benchmark.substring(type + 1));
        parameters.forEach((key, value) -> name.append(' ').append(key).append('=').append(value));
        return name.toString();
    }

    /** As {@link #parse} reads it. */
    String line() {
        StringBuilder line = new StringBuilder("%7d  %s".formatted(bytes, benchmark));
        parameters.forEach((key, value) -> line.append(' ').append(key).append('=').append(value));
        return line.toString();
    }
}

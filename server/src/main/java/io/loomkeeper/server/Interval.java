package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import java.util.Locale;

/** The time between two purges: hours, or a number with one of the units ms, s, m, h and d. */
final class Interval {
    static final long HOUR_MS = 3_600_000;

    private static final String ALLOWED =
            "a number of hours, or a number with ms, s, m, h or d behind it; 0 for never";

    private Interval() {}

    /** In milliseconds; 0 for every number that is not above 0. */
    static long parse(Settings settings, Given given) throws ConfigException {
        String text = given.value().toLowerCase(Locale.ROOT);
        int digits = text.length();
        while (digits > 0 && !Character.isDigit(text.charAt(digits - 1))) {
            digits--;
        }
        try {
            int number = Integer.parseInt(text.substring(0, digits));
            return Math.max(0, number * unitMs(text.substring(digits)));
        } catch (IllegalArgumentException e) {
            throw settings.wrong(given, ALLOWED);
        }
    }

    private static long unitMs(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "", "h" -> HOUR_MS;
            case "d" -> 24 * HOUR_MS;
            default -> throw new IllegalArgumentException(unit);
        };
    }
}

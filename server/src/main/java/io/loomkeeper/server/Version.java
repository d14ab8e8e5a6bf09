package io.loomkeeper.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Properties;

/**
 * The version that this server goes by.
 *
 * @param release of Loomkeeper, such as {@code 0.1.0}
 * @param built when it was built, in UTC
 */
record Version(String release, Instant built) {
    /** The release of Apache's server whose protocol, texts and metrics are spoken. */
    static final String COMPATIBLE_WITH = "3.9.5";

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** The version that the build wrote beside the classes. */
    static Version load() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("version.properties is not on the class path");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Version(
                properties.getProperty("release", ""),
                Instant.parse(properties.getProperty("built", "")));
    }

    /**
     * As srvr, stat, envi and mntr print it: {@code 3.9.5-loomkeeper-0.1.0, built on 2026-11-21
     * 00:00 UTC}. Clients and monitors read the three leading numbers to learn what the server can
     * do.
     */
    String full() {
        return COMPATIBLE_WITH + "-loomkeeper-" + release + ", built on " + MINUTE.format(built);
    }
}

package io.loomkeeper.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * One line per event: {@code 2026-11-21 08:00:00,123 INFO Server: text}, then the stack if there is
 * one.
 */
final class LogFormat extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss,SSS").withZone(ZoneOffset.UTC);

    /** Sends everything from INFO up to standard error in this format. */
    static void install() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setFormatter(new LogFormat());
        console.setFilter(LogFormat::isOurs);
        root.addHandler(console);
        root.setLevel(Level.INFO);
    }

    /** Libraries are heard when something is wrong; that threads are not pinned to cores is not. */
    private static boolean isOurs(LogRecord record) {
        String logger = record.getLoggerName();
        return logger.startsWith("io.loomkeeper")
                || logger.equals(AuditLog.LOGGER)
                || (record.getLevel().intValue() >= Level.WARNING.intValue()
                        && !logger.startsWith("net.openhft.affinity"));
    }

    @Override
    public String format(LogRecord record) {
        StringBuilder line = new StringBuilder(128);
        line.append(TIME.format(Instant.ofEpochMilli(record.getMillis())));
        line.append(' ').append(level(record.getLevel()));
        String logger = record.getLoggerName();
        line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
        line.append(formatMessage(record)).append(System.lineSeparator());
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            StringWriter stack = new StringWriter();
            thrown.printStackTrace(new PrintWriter(stack, true));
            line.append(stack);
        }
        return line.toString();
    }

    private static String level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "ERROR ";
        }
        return level.intValue() >= Level.WARNING.intValue() ? "WARN  " : "INFO  ";
    }
}

package io.loomkeeper.bench;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code --name value} pairs of a command line, each asked for once by type. */
final class Flags {
    private static final String PREFIX = "--";

    private final Map<String, String> values = new HashMap<>();

    private Flags() {}

    /**
     * @param valued names that a value must follow
     * @param switches names that stand alone
     */
    static Flags parse(List<String> args, Set<String> valued, Set<String> switches) {
        Flags flags = new Flags();
        for (int i = 0; i < args.size(); i++) {
            String name = args.get(i).startsWith(PREFIX) ? args.get(i).substring(2) : "";
            if (switches.contains(name)) {
                flags.values.put(name, "true");
            } else if (valued.contains(name)) {
                if (++i == args.size()) {
                    throw new UsageException(PREFIX + name + " lacks its value");
                }
                flags.values.put(name, args.get(i));
            } else {
                throw new UsageException("no option \"" + args.get(i) + "\"");
            }
        }
        return flags;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new UsageException(PREFIX + name + " is missing");
        }
        return value;
    }

    /** A whole number from {@code min} to {@code max}, both allowed. */
    int number(String name, int otherwise, int min, int max) {
        String text = values.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException _) {
            // said below, with the bounds
        }
        throw new UsageException(
                "%s%s is \"%s\", not a whole number from %d to %d"
                        .formatted(PREFIX, name, text, min, max));
    }

    /** Seconds, decimals allowed, as milliseconds. */
    int secondsAsMs(String name, double otherwise) {
        String text = values.getOrDefault(name, Double.toString(otherwise));
        try {
            double seconds = Double.parseDouble(text);
            if (seconds >= 0 && seconds <= 24 * 3600) {
                return (int) Math.round(seconds * 1000);
            }
        } catch (NumberFormatException _) {
            // said below, with the bounds
        }
        throw new UsageException(
                "%s%s is \"%s\", not seconds from 0 to a day".formatted(PREFIX, name, text));
    }

    /** {@code host:port,host:port}. */
    List<InetSocketAddress> servers(String name) {
        return Arrays.stream(text(name).split(",", -1)).map(Flags::server).toList();
    }

    private static InetSocketAddress server(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            InetSocketAddress server = new InetSocketAddress(text.substring(0, colon), port);
            if (!server.isUnresolved()) {
                return server;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            // said below
        }
        throw new UsageException("\"" + text + "\" is not host:port of a host that resolves");
    }
}

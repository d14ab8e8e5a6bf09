package io.loomkeeper.sim;

import org.jspecify.annotations.Nullable;

/** A configuration of the ensemble as the witnesses read it from its text (protocol 17.2). */
final class Configuration {
    final long version;
    final String text;
    final Electorate electorate;

    /** By server. */
    private final boolean[] observers;

    /** The one that it took the place of; null while it is not decided, and of the first. */
    @Nullable Configuration before;

    Configuration(long version, String text, Electorate electorate, boolean[] observers) {
        this.version = version;
        this.text = text;
        this.electorate = electorate;
        this.observers = observers;
    }

    /** One in which the majority of participants decides. */
    static Configuration read(String text, int servers) {
        boolean[] votes = new boolean[servers];
        boolean[] observers = new boolean[servers];
        long version = 0;
        for (String line : text.split("\n", -1)) {
            String value = line.substring(line.indexOf('=') + 1);
            if (line.startsWith("server.")) {
                int sid = Integer.parseInt(line.substring("server.".length(), line.indexOf('=')));
                boolean isObserver = value.contains(":observer");
                votes[sid - 1] = !isObserver;
                observers[sid - 1] = isObserver;
            } else if (line.startsWith("version=")) {
                version = Long.parseLong(value, 16);
            } else {
                throw new Violation("S23", "a configuration that nobody asked for: " + text);
            }
        }
        return new Configuration(version, text, Electorate.majority(votes), observers);
    }

    /** A server's line, as all servers write it. */
    static String line(long sid, boolean isObserver) {
        String role = isObserver ? ":observer" : ":participant";
        return "server." + sid + "=s" + sid + ":1:2" + role + ";0.0.0.0:3";
    }

    boolean isObserver(int server) {
        return server < observers.length && observers[server];
    }

    boolean isMember(int server) {
        return electorate.isVoter(server) || isObserver(server);
    }

    /** Whether it is that one under another version. */
    boolean hasMembersOf(Configuration other) {
        return members(text).equals(members(other.text));
    }

    private static String members(String text) {
        return text.substring(0, text.lastIndexOf("version="));
    }

    @Override
    public String toString() {
        return text.replace('\n', ' ');
    }
}

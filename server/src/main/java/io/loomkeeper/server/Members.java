package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import io.loomkeeper.zab.Majority;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Quorum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A configuration of an ensemble: its servers and how they decide (protocol 17).
 *
 * @param lines by server id
 * @param groups null where the majority of participants decides
 * @param version the zxid of the transaction that made it; 0 of the first one
 */
record Members(SortedMap<Long, ServerLine> lines, @Nullable Groups groups, long version) {
    /** Reads the lines of {@code source} that say so; others are left alone. */
    static Members parse(Settings source, long version) throws ConfigException {
        SortedMap<Long, ServerLine> lines = new TreeMap<>();
        for (Given given : source.startingWith("server.")) {
            ServerLine line = ServerLine.parse(source, given);
            if (lines.put(line.sid(), line) != null) {
                throw source.wrong(given, "one line for each server");
            }
        }
        return new Members(lines, Groups.parse(source, lines), version);
    }

    /** What a line {@code version=} says, in hexadecimal; 0 without one. */
    static long versionIn(Settings source) throws ConfigException {
        Given given = source.given("version");
        if (given == null) {
            return 0;
        }
        try {
            return Long.parseLong(given.value(), 16);
        } catch (NumberFormatException e) {
            throw source.wrong(given, "a hexadecimal number");
        }
    }

    /** As long as {@code multiAddress.enabled} does not say otherwise. */
    void requireSingleAddresses(Settings source) throws ConfigException {
        for (ServerLine line : lines.values()) {
            if (line.addresses().size() > 1) {
                throw source.wrong(
                        line.given(), "one address, unless multiAddress.enabled is true");
            }
        }
    }

    SortedSet<Long> voters() {
        return with(false);
    }

    SortedSet<Long> observers() {
        return with(true);
    }

    private SortedSet<Long> with(boolean isObserver) {
        SortedSet<Long> sids = new TreeSet<>();
        for (ServerLine line : lines.values()) {
            if (line.isObserver() == isObserver) {
                sids.add(line.sid());
            }
        }
        return sids;
    }

    private Quorum quorum() {
        return groups == null ? new Majority(voters()) : groups.quorum(voters());
    }

    Membership membership() {
        return new Membership(quorum(), observers(), version, text());
    }

    /** As servers exchange it (protocol 17.2). */
    String text() {
        List<String> text = new ArrayList<>();
        for (ServerLine line : inApachesOrder(lines).values()) {
            text.add(line.text());
        }
        if (groups != null) {
            text.addAll(groups.text());
        }
        text.add("version=" + Long.toHexString(version));
        return String.join("\n", text);
    }

    /**
     * In the order in which Apache's servers print what they keep by number. It rises while the
     * numbers are small; nobody reads by it, but equal texts are seen to be equal.
     */
    static <V> Map<Long, V> inApachesOrder(SortedMap<Long, V> sorted) {
        Map<Long, V> hashed = new HashMap<>();
        sorted.forEach(hashed::put);
        return hashed;
    }
}

package io.loomkeeper.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the repository says about each test class of somebody else's test jar: it runs, or it is
 * left out and why.
 *
 * <pre>
 *   reason quorum    starts several servers inside its own JVM
 *   with name=value                                a system property for all classes
 *   run  org.apache.zookeeper.test.StatTest
 *   core org.apache.zookeeper.test.ClientTest      runs in bin/check too
 *     without testNodeCreateFail fail-create       one method left out, for a reason named above
 *   out  quorum org.apache.zookeeper.test.FLETest
 * </pre>
 */
final class GuestList {
    /** One class; {@code without} maps a method that is left out to the reason. */
    record Guest(
            String name,
            boolean runs,
            boolean isCore,
            String reason,
            Map<String, String> without) {}

    private final Set<String> reasons = new TreeSet<>();
    private final Map<String, Guest> guests = new LinkedHashMap<>();
    private final Map<String, String> properties = new TreeMap<>();

    private GuestList() {}

    /**
     * Reads a list.
     *
     * @throws IllegalArgumentException for a line of another form, a class named twice or a reason
     *     never given
     */
    static GuestList read(Path file) throws IOException {
        GuestList list = new GuestList();
        Guest last = null;
        for (String line : Files.readAllLines(file)) {
            String text = line.replaceFirst("(^|\\s+)#.*", "").strip();
            if (!text.isEmpty()) {
                last = list.take(text, last);
            }
        }
        return list;
    }

    private @Nullable Guest take(String text, @Nullable Guest last) {
        List<String> words = List.of(text.split("\\s+"));
        switch (words.get(0)) {
            case "reason" -> reasons.add(words.get(1));
            case "with" -> {
                String[] property = words.get(1).split("=", 2);
                properties.put(property[0], property[1]);
            }
            case "run" -> {
                return add(new Guest(words.get(1), true, false, "", new TreeMap<>()));
            }
            case "core" -> {
                return add(new Guest(words.get(1), true, true, "", new TreeMap<>()));
            }
            case "out" -> {
                return add(new Guest(words.get(2), false, false, known(words.get(1)), Map.of()));
            }
            case "without" -> {
                if (last == null || !last.runs()) {
                    throw new IllegalArgumentException("no class runs above: " + text);
                }
                last.without().put(words.get(1), known(words.get(2)));
                return last;
            }
            default -> throw new IllegalArgumentException("not understood: " + text);
        }
        return null;
    }

    private Guest add(Guest guest) {
        if (guests.put(guest.name(), guest) != null) {
            throw new IllegalArgumentException("twice: " + guest.name());
        }
        return guest;
    }

    private String known(String reason) {
        if (!reasons.contains(reason)) {
            throw new IllegalArgumentException("reason never given: " + reason);
        }
        return reason;
    }

    List<Guest> guests() {
        return List.copyOf(guests.values());
    }

    /** System properties that every class wants set before it runs. */
    Map<String, String> properties() {
        return properties;
    }

    /** The entry of a class that is in the list. */
    Guest guest(String name) {
        Guest guest = guests.get(name);
        if (guest == null) {
            throw new IllegalArgumentException("not in the list: " + name);
        }
        return guest;
    }

    /** How many classes and single methods are left out. */
    String leftOut() {
        long classes = guests.values().stream().filter(guest -> !guest.runs()).count();
        int methods = guests.values().stream().mapToInt(guest -> guest.without().size()).sum();
        return classes + " classes, " + methods + " methods";
    }

    /**
     * Where the list and the jar disagree; empty when every test class stands in the list once and
     * every name in the list exists.
     *
     * @param found test classes of the jar and their test methods
     */
    List<String> disagreements(Map<String, ? extends Set<String>> found) {
        List<String> wrong = new ArrayList<>();
        for (String name : new TreeSet<>(found.keySet())) {
            if (!guests.containsKey(name)) {
                wrong.add("not in the list: " + name);
            }
        }
        for (Guest guest : guests.values()) {
            Set<String> methods = found.get(guest.name());
            if (methods == null) {
                wrong.add("not in the jar: " + guest.name());
                continue;
            }
            for (String method : guest.without().keySet()) {
                if (!methods.contains(method)) {
                    wrong.add("not in the jar: " + guest.name() + "." + method);
                }
            }
        }
        return wrong;
    }
}

package io.loomkeeper.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Every way from one server of an ensemble to another: who dials, whom, and the wires to that one's
 * two ports.
 */
final class Wires implements AutoCloseable {
    private final List<Way> ways = new ArrayList<>();

    private record Way(int from, int to, List<FaultyWire> wires) {}

    /** The line by which {@code from} knows {@code to}, whose own line is {@code line}. */
    String line(int from, int to, String line) {
        if (from == to) {
            return line;
        }
        List<String> parts = List.of(line.split(":", -1));
        List<FaultyWire> wires =
                List.of(
                        new FaultyWire(Integer.parseInt(parts.get(1))),
                        new FaultyWire(Integer.parseInt(parts.get(2))));
        ways.add(new Way(from, to, wires));
        List<String> changed = new ArrayList<>(parts);
        changed.set(1, Integer.toString(wires.get(0).port()));
        changed.set(2, Integer.toString(wires.get(1).port()));
        return String.join(":", changed);
    }

    /** Resets what leads to and from a server. */
    void cut(int id) {
        each(id, true, FaultyWire::cut);
        each(id, false, FaultyWire::cut);
    }

    /** Lets nothing through to or from a server, and tells nobody. */
    void stall(int id) {
        each(id, true, wire -> wire.stall(true, true));
        each(id, false, wire -> wire.stall(true, true));
    }

    /** Lets through what a server is told, and nothing of what it says. */
    void mute(int id) {
        each(id, true, wire -> wire.stall(true, false));
        each(id, false, wire -> wire.stall(false, true));
    }

    /** What leads from one server to the other, whoever dialled. */
    void cutBetween(int one, int other) {
        between(one, other, FaultyWire::cut);
        between(other, one, FaultyWire::cut);
    }

    /** Neither hears anything of the other, and nobody is told. */
    void stallBetween(int one, int other) {
        between(one, other, wire -> wire.stall(true, true));
        between(other, one, wire -> wire.stall(true, true));
    }

    /** One is not heard by the other, which is heard by the one. */
    void muteTowards(int one, int other) {
        between(one, other, wire -> wire.stall(true, false));
        between(other, one, wire -> wire.stall(false, true));
    }

    private void between(int from, int to, Consumer<FaultyWire> fault) {
        ways.stream()
                .filter(way -> way.from == from && way.to == to)
                .forEach(way -> way.wires.forEach(fault));
    }

    void heal() {
        ways.forEach(way -> way.wires.forEach(FaultyWire::heal));
    }

    private void each(int id, boolean dialled, Consumer<FaultyWire> fault) {
        ways.stream()
                .filter(way -> (dialled ? way.from : way.to) == id)
                .forEach(way -> way.wires.forEach(fault));
    }

    @Override
    public void close() {
        ways.forEach(way -> way.wires.forEach(FaultyWire::close));
    }
}

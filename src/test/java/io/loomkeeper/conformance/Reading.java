package io.loomkeeper.conformance;

import java.util.ArrayList;
import java.util.List;

/**
 * A frame as text, with a {@code #} wherever a number stands that no two servers share: zxids,
 * times and session ids. Those numbers follow, in the order of their marks.
 */
final class Reading {
    /** What kind of number a mark stands for. */
    enum Kind {
        /** Of a transaction. */
        ZXID,
        /** Of the state that something was read from. */
        SEEN,
        TIME,
        SESSION
    }

    /** One number behind a mark; a time belongs to the zxid of the transaction that set it. */
    record Mark(Kind kind, long value, long ofZxid) {}

    private final StringBuilder text = new StringBuilder();
    private final List<Mark> marks = new ArrayList<>();

    Reading say(Object what) {
        text.append(what);
        return this;
    }

    /** A transaction's zxid; 0 and −1 are not counted from anywhere and stay as they are. */
    Reading zxid(String name, long value) {
        return zxid(Kind.ZXID, name, value);
    }

    Reading zxid(Kind kind, String name, long value) {
        text.append(' ').append(name).append('=');
        if (value == 0 || value == -1) {
            text.append(value);
        } else {
            text.append('#');
            marks.add(new Mark(kind, value, 0));
        }
        return this;
    }

    Reading time(String name, long value, long ofZxid) {
        text.append(' ').append(name).append('=');
        if (value == 0) {
            text.append(0);
        } else {
            text.append('#');
            marks.add(new Mark(Kind.TIME, value, ofZxid));
        }
        return this;
    }

    Reading session(String name, long value) {
        text.append(' ').append(name).append('=');
        if (value == 0) {
            text.append(0);
        } else {
            text.append('#');
            marks.add(new Mark(Kind.SESSION, value, 0));
        }
        return this;
    }

    String text() {
        return text.toString();
    }

    List<Mark> marks() {
        return marks;
    }

    /** The text with every mark spelled out, for a report. */
    @Override
    public String toString() {
        StringBuilder full = new StringBuilder();
        int mark = 0;
        for (char c : text.toString().toCharArray()) {
            if (c == '#' && mark < marks.size()) {
                Mark next = marks.get(mark++);
                full.append(next.kind() == Kind.TIME ? "" : "0x");
                full.append(
                        next.kind() == Kind.TIME
                                ? Long.toString(next.value())
                                : Long.toHexString(next.value()));
            } else {
                full.append(c);
            }
        }
        return full.toString();
    }
}

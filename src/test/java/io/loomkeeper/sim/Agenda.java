package io.loomkeeper.sim;

import java.util.Arrays;

/**
 * What is going to happen, by time; what is due at one time, in the order in which it was added.
 */
final class Agenda {
    /** One thing to happen. Its number tells it from all others. */
    static final class Event {
        final long atUs;
        final long number;
        final Kind kind;
        final int server;
        final Runnable action;

        Event(long atUs, long number, Kind kind, int server, Runnable action) {
            this.atUs = atUs;
            this.number = number;
            this.kind = kind;
            this.server = server;
            this.action = action;
        }

        private boolean isBefore(Event other) {
            return atUs != other.atUs ? atUs < other.atUs : number < other.number;
        }
    }

    /** What sort of thing, for the trace. */
    enum Kind {
        TICK,
        DELIVER,
        CONNECT,
        NOTIFY,
        DISK,
        PROCESS,
        CLIENT,
        FAULT,
        OBSERVE
    }

    private Event[] heap = new Event[1024];
    private int size;
    private long added;
    private long nowUs;

    long nowUs() {
        return nowUs;
    }

    /**
     * @param delayUs from now
     * @param server whom it concerns, or -1
     */
    void add(long delayUs, Kind kind, int server, Runnable action) {
        assert delayUs >= 0 : delayUs;
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        Event event = new Event(nowUs + delayUs, added++, kind, server, action);
        int at = size++;
        while (at > 0 && event.isBefore(heap[(at - 1) / 2])) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = event;
    }

    /** Takes the next event and moves the time to it. */
    Event next() {
        Event first = heap[0];
        Event last = heap[--size];
        heap[size] = null;
        if (size > 0) {
            sift(last);
        }
        nowUs = first.atUs;
        return first;
    }

    private void sift(Event event) {
        int at = 0;
        for (int child = 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
                child++;
            }
            if (!heap[child].isBefore(event)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = event;
    }
}

package io.loomkeeper.net;

import io.loomkeeper.tree.Op;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what the meter is told. */
final class Tally implements ClientMeter {
    final AtomicLong received = new AtomicLong();
    final AtomicLong receivedBytes = new AtomicLong();
    final AtomicLong replied = new AtomicLong();
    final AtomicLong repliedBytes = new AtomicLong();
    final AtomicLong events = new AtomicLong();
    final AtomicLong eventBytes = new AtomicLong();
    final AtomicLong beside = new AtomicLong();
    final List<Incident> incidents = new CopyOnWriteArrayList<>();

    @Override
    public void onReceived(int bytes) {
        received.incrementAndGet();
        receivedBytes.addAndGet(bytes);
    }

    @Override
    public void onReplied(Op op, long latencyNs, int bytes) {
        assert latencyNs >= 0 : latencyNs;
        replied.incrementAndGet();
        repliedBytes.addAndGet(bytes);
    }

    @Override
    public void onEvent(int bytes) {
        events.incrementAndGet();
        eventBytes.addAndGet(bytes);
    }

    @Override
    public void onSentBeside(int bytes) {
        beside.incrementAndGet();
    }

    @Override
    public void onIncident(Incident incident) {
        incidents.add(incident);
    }
}

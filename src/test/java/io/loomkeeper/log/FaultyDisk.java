package io.loomkeeper.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A disk that is full, or fails, or hangs, when told to. */
final class FaultyDisk implements Disk {
    private final Disk real = new SystemDisk();

    /** How many more forces of files succeed. */
    final AtomicInteger forcesLeft = new AtomicInteger(Integer.MAX_VALUE);

    /** How many forces of files fail next, before they succeed again. */
    final AtomicInteger failing = new AtomicInteger();

    /** How many more bytes can be reserved. */
    final AtomicLong bytesLeft = new AtomicLong(Long.MAX_VALUE);

    private final Map<Path, Long> reservedTo = new ConcurrentHashMap<>();

    /** Forces of files wait here. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    /** Up to where a file was reserved; 0 if it never was. */
    long reservedTo(Path file) {
        return reservedTo.getOrDefault(file, 0L);
    }

    @Override
    public void reserve(Path file, long from, long to) throws IOException {
        if (bytesLeft.addAndGet(from - to) < 0) {
            throw new IOException("no space left");
        }
        real.reserve(file, from, to);
        reservedTo.put(file, to);
    }

    @Override
    public void force(Path file, FileChannel channel) throws IOException {
        beginForce();
        real.force(file, channel);
    }

    @Override
    public void force(Path file, FileChannel channel, Stored stored) throws IOException {
        beginForce();
        real.force(file, channel, stored);
    }

    private void beginForce() throws IOException {
        awaitGate();
        boolean fails = failing.get() > 0 && failing.getAndDecrement() > 0;
        if (fails || forcesLeft.getAndDecrement() <= 0) {
            throw new IOException("input/output error");
        }
    }

    private void awaitGate() throws IOException {
        try {
            if (!gate.await(30, TimeUnit.SECONDS)) {
                throw new IOException("the gate stayed shut");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        real.forceDirectory(directory);
    }
}

package io.loomkeeper.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A port on the loopback that leads to another one, until it is cut or stalls. A stalled direction
 * takes a little and then nothing more, and passes nothing on: neither end is told.
 */
final class FaultyWire implements AutoCloseable {
    private static final int STEP_BYTES = 16 << 10;

    private final int target;
    private final ServerSocket door;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private boolean isCut;
    private boolean isOutStalled;
    private boolean isBackStalled;

    private volatile boolean closed;

    /** Leads to {@code target}. */
    FaultyWire(int target) {
        this.target = target;
        try {
            door = new ServerSocket(FreePort.next(), 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("wire-" + door.getLocalPort()).start(this::runDoor);
    }

    int port() {
        return door.getLocalPort();
    }

    /** All is well from now on. */
    void heal() {
        set(false, false, false);
    }

    /** Resets all connections, and each new one. */
    void cut() {
        set(true, false, false);
        sockets.forEach(FaultyWire::close);
    }

    /** Passes nothing on in these directions: to the target, and back. */
    void stall(boolean out, boolean back) {
        set(false, out, back);
    }

    private void set(boolean cut, boolean out, boolean back) {
        lock.lock();
        try {
            isCut = cut;
            isOutStalled = out;
            isBackStalled = back;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void runDoor() {
        while (!closed) {
            try {
                Socket near = door.accept();
                Thread.ofVirtual().name("wire-" + port() + "-open").start(() -> open(near));
            } catch (IOException _) {
                // the door is closed, or the one who knocked is gone
            }
        }
    }

    private void open(Socket near) {
        sockets.add(near);
        try {
            if (isCut()) {
                close(near);
                return;
            }
            Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(far);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            Thread.ofVirtual().name("wire-" + port() + "-out").start(() -> pump(near, far, true));
            Thread.ofVirtual().name("wire-" + port() + "-back").start(() -> pump(far, near, false));
        } catch (IOException e) {
            close(near);
        }
    }

    private boolean isCut() {
        lock.lock();
        try {
            return isCut || closed;
        } finally {
            lock.unlock();
        }
    }

    private void pump(Socket from, Socket to, boolean out) {
        byte[] bytes = new byte[STEP_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream sink = to.getOutputStream();
            int length = in.read(bytes);
            while (length >= 0 && awaitPassing(out)) {
                sink.write(bytes, 0, length);
                length = in.read(bytes);
            }
            awaitPassing(out);
        } catch (IOException _) {
            // one end is gone, so the other one goes
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            close(from);
            close(to);
        }
    }

    /** False when the wire is gone. */
    private boolean awaitPassing(boolean out) throws InterruptedException {
        lock.lock();
        try {
            while (!closed && !isCut && (out ? isOutStalled : isBackStalled)) {
                changed.await();
            }
            return !closed && !isCut;
        } finally {
            lock.unlock();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // it is of no use any more anyway
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            set(true, false, false);
            sockets.forEach(FaultyWire::close);
        }
    }
}

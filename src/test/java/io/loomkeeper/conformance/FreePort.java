package io.loomkeeper.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loopback ports that nobody listens on, below the range from which the kernel takes the ports of
 * outgoing connections, so that a port stays free between being found and being bound.
 */
public final class FreePort {
    private static final int LOWEST = 18_000;
    private static final int COUNT = 14_000;
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 97 % COUNT));

    private FreePort() {}

    /**
     * A port of 127.0.0.1 that was free a moment ago and that this process has not been given
     * before.
     */
    public static int next() {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free loopback port from " + LOWEST + " up");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}

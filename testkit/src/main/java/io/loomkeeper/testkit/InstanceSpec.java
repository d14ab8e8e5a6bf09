package io.loomkeeper.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How one server is to be started.
 *
 * @param dataDirectory of all its data; its parent is there
 * @param port for clients; 0 or -1: a free one
 * @param electionPort of a member of a cluster
 * @param quorumPort of a member of a cluster
 * @param deletesDataDirectory whether the data goes when the server is closed
 * @param serverId from 1
 * @param settings further keys of zoo.cfg, which win
 */
public record InstanceSpec(
        Path dataDirectory,
        int port,
        int electionPort,
        int quorumPort,
        boolean deletesDataDirectory,
        int serverId,
        Map<String, String> settings) {
    public InstanceSpec {
        settings = Map.copyOf(settings);
    }

    /** One with a directory of its own, which goes with it, and free ports. */
    public static InstanceSpec newInstanceSpec() {
        return newInstanceSpecs(1).getFirst();
    }

    /** Several of them, for a cluster. */
    static List<InstanceSpec> newInstanceSpecs(int count) {
        List<Integer> ports = freePorts(3 * count);
        List<InstanceSpec> specs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            specs.add(
                    new InstanceSpec(
                            newDirectory(),
                            ports.get(3 * i),
                            ports.get(3 * i + 1),
                            ports.get(3 * i + 2),
                            true,
                            i + 1,
                            Map.of()));
        }
        return specs;
    }

    static Path newDirectory() {
        try {
            return Files.createTempDirectory("loomkeeper-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ports of the loopback that nobody listened at a moment ago, no two alike. */
    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket();
                sockets.add(socket);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                ports.add(socket.getLocalPort());
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            sockets.forEach(InstanceSpec::close);
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int getPort() {
        return port;
    }

    public int getElectionPort() {
        return electionPort;
    }

    public int getQuorumPort() {
        return quorumPort;
    }

    public int getServerId() {
        return serverId;
    }

    public Path getDataDirectory() {
        return dataDirectory;
    }

    public String getConnectString() {
        return "127.0.0.1:" + port;
    }

    InstanceSpec withPort(int picked) {
        return new InstanceSpec(
                dataDirectory,
                picked,
                electionPort,
                quorumPort,
                deletesDataDirectory,
                serverId,
                settings);
    }
}

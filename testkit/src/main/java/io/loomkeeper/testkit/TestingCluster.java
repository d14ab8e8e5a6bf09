package io.loomkeeper.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** An ensemble inside the test's process, with the methods of Curator's TestingCluster. */
public final class TestingCluster implements Closeable {
    private static final long START_S = 30;
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final List<Instance> instances = new ArrayList<>();

    /** Makes an ensemble of so many servers; {@link #start} starts it. */
    public TestingCluster(int instanceQty) {
        this(InstanceSpec.newInstanceSpecs(instanceQty));
    }

    public TestingCluster(InstanceSpec... specs) {
        this(List.of(specs));
    }

    public TestingCluster(Collection<InstanceSpec> specs) {
        String members =
                specs.stream()
                        .map(
                                spec ->
                                        "server.%d=127.0.0.1:%d:%d\n"
                                                .formatted(
                                                        spec.serverId(),
                                                        spec.quorumPort(),
                                                        spec.electionPort()))
                        .collect(Collectors.joining());
        String alone = specs.size() == 1 ? "standaloneEnabled=false\n" : "";
        specs.forEach(spec -> instances.add(new Instance(spec, members + alone)));
    }

    /**
     * Starts all servers and waits until each of them serves.
     *
     * @throws IOException when a port is taken, or they do not within half a minute
     */
    public void start() throws IOException {
        for (Instance instance : instances) {
            instance.start();
        }
        for (Instance instance : instances) {
            await(instance, mode -> !mode.isEmpty());
        }
    }

    private static void await(Instance instance, Predicate<String> wanted) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_S);
        while (!wanted.test(instance.mode())) {
            if (System.nanoTime() > deadlineNs) {
                throw new IOException(
                        "server "
                                + instance.spec().serverId()
                                + " does not serve after "
                                + START_S
                                + " s");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** All servers, whether they run or not. */
    public Collection<InstanceSpec> getInstances() {
        return instances.stream().map(Instance::spec).toList();
    }

    public String getConnectString() {
        return instances.stream()
                .map(instance -> instance.spec().getConnectString())
                .collect(Collectors.joining(","));
    }

    /** The server that leads now; empty while there is none. */
    public Optional<InstanceSpec> findLeader() {
        return instances.stream()
                .filter(instance -> instance.mode().equals("leader"))
                .map(Instance::spec)
                .findFirst();
    }

    /** The server behind a client's connection, by the port that it is connected to. */
    public Optional<InstanceSpec> findConnectionInstance(int remotePort) {
        return getInstances().stream().filter(spec -> spec.port() == remotePort).findFirst();
    }

    /** Stops a server, if it runs; true when there is such a one. */
    public boolean killServer(InstanceSpec spec) throws IOException {
        Optional<Instance> instance = find(spec);
        if (instance.isPresent()) {
            instance.get().stop();
        }
        return instance.isPresent();
    }

    /**
     * Stops a server and starts it again; returns when it serves. True when there is such a one.
     */
    public boolean restartServer(InstanceSpec spec) throws IOException {
        Optional<Instance> instance = find(spec);
        if (instance.isPresent()) {
            instance.get().stop();
            instance.get().start();
            await(instance.get(), mode -> !mode.isEmpty());
        }
        return instance.isPresent();
    }

    private Optional<Instance> find(InstanceSpec spec) {
        return instances.stream()
                .filter(instance -> instance.spec().serverId() == spec.serverId())
                .findFirst();
    }

    /** Stops all servers; their data stays. */
    public void stop() throws IOException {
        for (Instance instance : instances) {
            instance.stop();
        }
    }

    /** Stops all servers and deletes their data. */
    @Override
    public void close() throws IOException {
        for (Instance instance : instances) {
            instance.close();
        }
    }
}

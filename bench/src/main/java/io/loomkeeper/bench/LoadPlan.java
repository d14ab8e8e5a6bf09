package io.loomkeeper.bench;

import java.net.InetSocketAddress;
import java.util.List;

/** One load: who is asked for what, by how many, for how long. */
record LoadPlan(
        List<InetSocketAddress> servers,
        Workload workload,
        Shape shape,
        Content content,
        Timing timing) {

    /** What a session is asked for: the longest that servers of a 2 s tick grant. */
    static final int SESSION_TIMEOUT_MS = 40_000;

    /**
     * How the requests come.
     *
     * @param inFlight requests that a connection keeps unanswered; the open loop ignores it
     * @param ratePerSecond of all connections together, at fixed times whatever the answers do
     *     (open loop); 0: the next request leaves when an answer came (closed loop)
     * @param threads selector threads that serve the connections
     */
    record Shape(int connections, int inFlight, int ratePerSecond, int threads) {
        static Shape closed(int connections, int inFlight) {
            return new Shape(connections, inFlight, 0, 1);
        }

        static Shape open(int connections, int ratePerSecond) {
            return new Shape(connections, 1, ratePerSecond, 1);
        }

        boolean isOpen() {
            return ratePerSecond > 0;
        }
    }

    /**
     * What the requests are about.
     *
     * @param readPercent of the mixed workload
     */
    record Content(int nodes, int valueBytes, int readPercent, int opsPerMulti) {}

    /**
     * @param warmupMs under load and not measured
     * @param windowMs measured
     * @param graceMs that answers are waited for after the window
     */
    record Timing(int warmupMs, int windowMs, int graceMs) {}

    LoadPlan {
        servers = List.copyOf(servers);
        if (shape.isOpen() && !workload.isPipelined()) {
            throw new UsageException("the workload " + workload.word() + " has no open loop");
        }
        if (shape.isOpen() && shape.ratePerSecond() * 10L < shape.connections()) {
            throw new UsageException("a rate below one request in 10 s lets sessions expire");
        }
    }

    InetSocketAddress serverOf(int connection) {
        return servers.get(connection % servers.size());
    }

    /** Deletes are measured from the first on: there is a given number of them. */
    int warmupMs() {
        return workload == Workload.DELETE ? 0 : timing.warmupMs();
    }

    LoadPlan withServers(List<InetSocketAddress> others) {
        return new LoadPlan(others, workload, shape, content, timing);
    }
}

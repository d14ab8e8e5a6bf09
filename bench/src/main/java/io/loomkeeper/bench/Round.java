package io.loomkeeper.bench;

import java.io.IOException;

/**
 * One load against one server, with what it cost the server.
 *
 * @param serverCpuNs in the window
 * @param rssBytes of the server at the end of the window
 * @param otherCores processors that neither the server nor the load used in the window; 0 where the
 *     system does not say
 */
record Round(Outcome outcome, long serverCpuNs, long rssBytes, double otherCores) {
    double serverCpuUs() {
        return serverCpuNs / 1e3 / Math.max(1, outcome.ops());
    }

    /** Runs {@code plan} against {@code server}. */
    static Round of(LoadPlan plan, Contender server) throws IOException, InterruptedException {
        LoadPlan aimed = plan.withServers(server.addresses());
        try (Load load = Load.open(aimed)) {
            load.start();
            load.awaitWindowStart();
            long startNs = System.nanoTime();
            long busyNs = MachineUse.busyNs();
            long cpuNs = server.use().cpuNs();
            load.awaitWindowEnd();
            ProcessUse end = server.use();
            long usedNs = end.cpuNs() - cpuNs;
            long allNs = MachineUse.busyNs() - busyNs;
            long windowNs = System.nanoTime() - startNs;
            Outcome outcome = load.finish();
            long otherNs = Math.max(0, allNs - usedNs - outcome.generatorCpuNs());
            return new Round(outcome, usedNs, end.rssBytes(), (double) otherNs / windowNs);
        }
    }
}

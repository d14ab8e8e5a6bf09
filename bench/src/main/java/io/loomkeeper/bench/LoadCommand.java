package io.loomkeeper.bench;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** {@code bench load}: one load against servers that run already. */
final class LoadCommand {
    static final String HELP =
            """
            bin/bench load --servers HOST:PORT[,HOST:PORT...] --workload WORKLOAD
                [--connections 16]  sessions, spread over the servers in turn
                [--in-flight 1]     closed loop: unanswered requests that each connection keeps
                [--rate 0]          open loop: requests per second of all connections, sent on time
                                    whatever the answers do; latency counts from when each was due
                [--seconds 5]       measured, after [--warmup 2] that is not
                [--grace 10]        seconds to wait for late answers
                [--threads 1]       selector threads of the generator
                [--nodes 1000]      made before, removed after
                [--value-bytes 100] [--reads 90] percent, for mixed [--multi-ops 10]
            workloads:
            """
                    + Workload.list();

    private static final Set<String> VALUED =
            Set.of(
                    "servers",
                    "workload",
                    "connections",
                    "in-flight",
                    "rate",
                    "seconds",
                    "warmup",
                    "grace",
                    "threads",
                    "nodes",
                    "value-bytes",
                    "reads",
                    "multi-ops");

    private LoadCommand() {}

    /** Returns the exit code: 1 when a request failed. */
    static int run(List<String> args) throws IOException, InterruptedException {
        LoadPlan plan = plan(Flags.parse(args, VALUED, Set.of()));
        Outcome outcome;
        try (Load load = Load.open(plan)) {
            load.start();
            load.awaitWindowStart();
            load.awaitWindowEnd();
            outcome = load.finish();
        }
        print(outcome);
        return outcome.isClean() ? 0 : 1;
    }

    private static LoadPlan plan(Flags flags) {
        return new LoadPlan(
                flags.servers("servers"),
                Workload.ofWord(flags.text("workload")),
                new LoadPlan.Shape(
                        flags.number("connections", 16, 1, 20_000),
                        flags.number("in-flight", 1, 1, 1 << 16),
                        flags.number("rate", 0, 0, 10_000_000),
                        flags.number("threads", 1, 1, 64)),
                new LoadPlan.Content(
                        flags.number("nodes", 1000, 1, 10_000_000),
                        flags.number("value-bytes", 100, 0, 1_000_000),
                        flags.number("reads", 90, 0, 100),
                        flags.number("multi-ops", 10, 1, 1000)),
                new LoadPlan.Timing(
                        flags.secondsAsMs("warmup", 2),
                        Math.max(1, flags.secondsAsMs("seconds", 5)),
                        flags.secondsAsMs("grace", 10)));
    }

    private static void print(Outcome outcome) {
        System.out.printf(
                "%,d operations, %,.0f a second; latency us p50 %,.0f  p99 %,.0f  p99.9 %,.0f"
                        + "  max %,.0f; generator %.2f us CPU per operation%n",
                outcome.ops(),
                outcome.opsPerSecond(),
                outcome.percentileUs(50),
                outcome.percentileUs(99),
                outcome.percentileUs(99.9),
                outcome.maxUs(),
                outcome.generatorCpuUs());
        if (!outcome.isClean()) {
            System.out.println("not clean: " + outcome.complaints());
        }
    }
}

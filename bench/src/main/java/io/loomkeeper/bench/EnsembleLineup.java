package io.loomkeeper.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An ensemble of each kind, with one null server beside them, all running, each server with a
 * directory of its own on one file system. What {@link Lineup} says of the settings holds here too.
 */
final class EnsembleLineup implements AutoCloseable {
    private static final int TICK_TIME_MS = 2_000;

    private final List<EnsembleProcesses> ensembles = new ArrayList<>();
    private final Lineup limit;

    private EnsembleLineup(Lineup limit) {
        this.limit = limit;
    }

    /** Starts all, one after the other, and waits until each serves. */
    static EnsembleLineup start(Lineup.Setup setup, int servers) throws IOException {
        EnsembleLineup lineup = new EnsembleLineup(Lineup.startLimit(setup));
        try {
            lineup.ensembles.add(
                    EnsembleProcesses.start(setup, Lineup.LOOMKEEPER, servers, TICK_TIME_MS));
            if (setup.withApache()) {
                lineup.ensembles.add(
                        EnsembleProcesses.start(setup, Lineup.APACHE, servers, TICK_TIME_MS));
            }
            return lineup;
        } catch (IOException e) {
            lineup.close();
            throw e;
        }
    }

    List<Contender> contenders() {
        List<Contender> contenders = new ArrayList<>();
        ensembles.forEach(ensemble -> contenders.add(new Whole(ensemble)));
        contenders.addAll(limit.servers());
        return contenders;
    }

    /** Stops all and removes what they wrote. */
    @Override
    public void close() {
        ensembles.forEach(EnsembleProcesses::close);
        limit.close();
    }

    /** The servers of one ensemble together. */
    private record Whole(EnsembleProcesses ensemble) implements Contender {
        private List<ServerProcess> servers() {
            return ensemble.ids().stream().map(ensemble::server).toList();
        }

        @Override
        public String name() {
            return ensemble.kind();
        }

        @Override
        public List<InetSocketAddress> addresses() {
            return servers().stream().map(ServerProcess::address).toList();
        }

        @Override
        public ProcessUse use() {
            return servers().stream()
                    .map(ServerProcess::use)
                    .reduce(new ProcessUse(0, 0), ProcessUse::plus);
        }

        @Override
        public boolean isAlive() {
            return servers().stream().allMatch(ServerProcess::isAlive);
        }

        @Override
        public String lastWords() {
            return servers().stream()
                    .map(server -> server.name() + ":\n" + server.lastWords())
                    .collect(Collectors.joining("\n"));
        }
    }
}

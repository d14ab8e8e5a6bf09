package io.loomkeeper.sim;

import io.loomkeeper.server.DrivenMemberships;
import io.loomkeeper.zab.Configurations;
import io.loomkeeper.zab.Membership;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** What one process makes of configurations: as production does, kept on the simulated disk. */
final class SimMembers implements Configurations {
    private final Simulation world;
    private final SimServer server;
    private final DrivenMemberships driven;
    private final Configurations production;

    /** What this process waits for: by its files, or by its log. */
    private @Nullable Configuration seen;

    SimMembers(Simulation world, SimServer server) {
        this.world = world;
        this.server = server;
        SimDisk disk = server.disk();
        Configuration kept = disk.seen();
        this.driven =
                new DrivenMemberships(
                        server.sid,
                        disk.active().text,
                        kept == null ? null : kept.text,
                        world.plan.changes().votersMin());
        this.production = driven.port();
    }

    DrivenMemberships driven() {
        return driven;
    }

    @Nullable Configuration seen() {
        return seen;
    }

    @Override
    public boolean isDynamic() {
        return production.isDynamic();
    }

    @Override
    public @Nullable Membership seenBefore() {
        Membership before = production.seenBefore();
        seen = world.configs.onStarted(server, before);
        return before;
    }

    @Override
    public @Nullable Membership read(String text) {
        return production.read(text);
    }

    @Override
    public @Nullable Membership madeBy(DirectBuffer txn) {
        return production.madeBy(txn);
    }

    @Override
    public Membership renumbered(Membership membership, long version) {
        return production.renumbered(membership, version);
    }

    @Override
    public boolean hasMoved(long sid, Membership from, Membership to) {
        return production.hasMoved(sid, from, to);
    }

    @Override
    public void onSeen(@Nullable Membership next) {
        server.effect();
        world.trace.say(() -> server + " has seen " + (next == null ? "nothing" : next.text()));
        if (next == null) {
            world.marks.reach(Mark.RECONFIGURATION_GIVEN_UP);
        }
        seen = next == null ? null : world.configs.onSeen(server, next.text());
        server.disk().keepSeen(seen);
        production.onSeen(next);
        server.effect();
    }

    @Override
    public void onActive(Membership membership) {
        server.effect();
        world.trace.say(() -> server + " goes by " + membership.text());
        Configuration active = world.configs.onActive(server, membership.text());
        server.disk().keepActive(active);
        server.effect();
        if (seen == null || seen.version <= active.version) {
            seen = null;
            server.disk().keepSeen(null);
        }
        production.onActive(membership);
        server.effect();
    }
}

package io.loomkeeper.sim;

import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.zab.EpochStore;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One server's disk, and the log thread that writes to it. What is appended may be lost until a
 * force that began later has ended; a crash leaves any prefix that has all that was forced, and of
 * a cut or an installation the state before or the state after.
 */
final class SimDisk implements Journal, EpochStore {
    /** A state on disk. */
    record Snapshot(Logged last, TreeVersion version) {}

    /** Longer work of the log thread than a force, after which history ends with {@code last}. */
    private record Rewrite(Logged last, @Nullable TreeImage image) {}

    private final Simulation world;
    private final SimServer server;
    private final Chance chance;
    private final ArrayList<Snapshot> snapshots = new ArrayList<>();

    private int accepted;
    private int current;

    /** The configuration that the server goes by, and what was seen and is not active. */
    private Configuration active;

    private @Nullable Configuration seen;

    /** The end of what survives a crash for certain. */
    private Logged durable;

    private Logged appended;
    private @Nullable Logged forcing;
    private @Nullable Rewrite rewrite;
    private boolean rewriteBegun;

    /** Tells the work of the log thread that is awaited from work that was hurried. */
    private int work;

    /** An epoch was written, and nobody has been told yet. */
    private boolean epochIsNews;

    /** How far the files say that the log is on disk: as far as it was when the process ended. */
    private Logged noted;

    /** Power was lost: that note may be an older one. */
    private boolean noteIsOld;

    /** It was found empty where there should be data, and has not been synchronized since (E8). */
    private boolean isWiped;

    private boolean failing;
    private boolean full;
    private long slowness = 1;

    SimDisk(Simulation world, SimServer server, Chance chance, TreeVersion beginning) {
        this.world = world;
        this.server = server;
        this.chance = chance;
        this.durable = world.history.beginning();
        this.appended = durable;
        this.noted = durable;
        this.accepted = (int) (durable.zxid >>> 32);
        this.current = accepted;
        this.active = world.configs.first();
        snapshots.add(new Snapshot(durable, beginning));
    }

    Logged durable() {
        return durable;
    }

    Logged appended() {
        return appended;
    }

    boolean isRewriting() {
        return rewrite != null;
    }

    // faults

    /** The next write or force fails. */
    void failNext() {
        failing = true;
    }

    void fill(boolean isFull) {
        full = isFull;
    }

    boolean isFull() {
        return full;
    }

    void slowDown(long factor) {
        slowness = factor;
    }

    void heal() {
        failing = false;
        full = false;
        slowness = 1;
        if (forcing != null || rewriteBegun) {
            begin();
        }
    }

    /** All is gone, as after the disk was replaced. */
    void wipe(TreeVersion beginning) {
        world.marks.reach(Mark.DISK_WIPED);
        isWiped = true;
        clear(beginning);
    }

    private void clear(TreeVersion beginning) {
        snapshots.clear();
        durable = world.history.beginning();
        appended = durable;
        noted = durable;
        snapshots.add(new Snapshot(durable, beginning));
        accepted = 0;
        current = 0;
    }

    boolean isWiped() {
        return isWiped;
    }

    void onSaid() {
        epochIsNews = false;
    }

    /** What a crash leaves. */
    void crash(boolean powerLoss) {
        if (forcing != null) {
            world.marks.reach(Mark.CRASH_DURING_FORCE);
        }
        Rewrite lost = rewrite;
        boolean begun = rewriteBegun;
        rewrite = null;
        rewriteBegun = false;
        forcing = null;
        if (epochIsNews) {
            world.marks.reach(Mark.CRASH_BETWEEN_EPOCH_AND_ACK);
            epochIsNews = false;
        }
        int kept = (int) chance.between(durable.index, appended.index);
        if (!powerLoss && chance.hits(0.7)) {
            kept = appended.index;
        }
        if (kept < appended.index) {
            world.marks.reach(Mark.TAIL_LOST_AT_CRASH);
        }
        noted = durable;
        noteIsOld = powerLoss;
        durable = appended.at(kept);
        appended = durable;
        if (lost != null && begun) {
            world.marks.reach(
                    lost.image == null ? Mark.CRASH_DURING_TRUNCATE : Mark.CRASH_DURING_INSTALL);
            if (chance.hits(0.5)) {
                rewriteTo(lost);
                noted = durable;
            }
        }
        failing = false;
    }

    Logged noted() {
        return noted;
    }

    /**
     * Damages what is here while the server is down, unless power was lost: then what was forced is
     * on disk, and the note of that may not be (docs/formats.md).
     *
     * @return false when the server would not start with it; nothing has changed then
     */
    boolean rot(Chance rot) {
        if (noteIsOld || isWiped) {
            return true;
        }
        Rot.Outcome found = new Rot(world, server, rot).strike();
        if (found == null) {
            world.marks.reach(Mark.DAMAGE_REFUSED);
            return false;
        }
        if (found.from().last != newestSnapshot().last) {
            world.marks.reach(Mark.DAMAGED_SNAPSHOT_PASSED_OVER);
        } else if (found.end() != durable) {
            world.marks.reach(Mark.DAMAGED_TAIL_CUT);
        } else {
            world.marks.reach(Mark.DAMAGE_WITHOUT_CONSEQUENCE);
        }
        snapshots.removeIf(snapshot -> snapshot.last.index > found.from().last.index);
        durable = found.end();
        appended = durable;
        return true;
    }

    // start

    /** The newest state whose log goes on from it. */
    Snapshot newestSnapshot() {
        return snapshots.get(snapshots.size() - 1);
    }

    /** What is found is forced, then believed. */
    void onRecovered() {
        assert appended == durable;
        if (isWiped) {
            clear(world.emptyTree()); // half a synchronization is no history
        }
        if (!world.history.isChosen(durable)) {
            world.marks.reach(Mark.UNCOMMITTED_TAIL_SURVIVED);
        }
        if (accepted > current) {
            world.marks.reach(Mark.ACCEPTED_ABOVE_CURRENT_AT_START);
        }
        if (durable.zxid >>> 32 > current) {
            world.marks.reach(Mark.LOG_EPOCH_ABOVE_CURRENT_AT_START);
        }
        world.invariants.onDisk(server);
    }

    // Journal

    @Override
    public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
        server.effect();
        if (rewrite != null) {
            throw new Violation("D3", server + " appends while its history is replaced");
        }
        if (appended.index - durable.index >= world.plan.speeds().journalMax()) {
            world.marks.reach(Mark.JOURNAL_FULL);
            return false;
        }
        Logged known = world.history.find(zxid);
        Logged entry;
        if (known == null) {
            world.invariants.onPropose(server, zxid);
            byte[] copy = new byte[length];
            txn.getBytes(offset, copy);
            entry = world.history.propose(appended, zxid, new UnsafeBuffer(copy), server.index);
            server.machine().onProposed(entry);
            world.expiry.onProposed(server, entry);
        } else {
            entry = world.history.entry(zxid, txn, offset, length);
        }
        if (entry.previous != appended) {
            throw new Violation(
                    "S5", entry + " is logged behind " + appended + ", not " + entry.previous);
        }
        appended = entry;
        maybeForce();
        return true;
    }

    private void maybeForce() {
        if (forcing != null || rewriteBegun) {
            return;
        }
        if (appended != durable) {
            forcing = appended;
            begin();
        } else if (rewrite != null) {
            rewriteBegun = true;
            world.nemesis.onRewrite(server);
            begin();
        }
    }

    private void begin() {
        int process = server.process();
        int begun = ++work;
        world.agenda.add(
                latencyUs() * (forcing == null ? chance.between(1, 5) : 1),
                Agenda.Kind.DISK,
                server.index,
                () -> {
                    if (process == server.process() && begun == work) {
                        onDone();
                    }
                });
    }

    private void onDone() {
        if (failing || full) {
            server.die(SimServer.Death.DISK_ERROR);
        } else if (forcing != null) {
            onForced(forcing);
        } else {
            onRewritten();
        }
    }

    private long latencyUs() {
        Plan.Range range = world.plan.speeds().forceUs();
        return chance.between(range.least(), range.most()) * slowness;
    }

    private void onForced(Logged forced) {
        forcing = null;
        durable = forced;
        world.invariants.onDisk(server);
        if (rewrite == null) {
            server.postAlways(() -> server.machine().onDurable(forced.zxid));
        }
        maybeForce();
    }

    private void onRewritten() {
        Rewrite done = Objects.requireNonNull(rewrite);
        rewrite = null;
        rewriteBegun = false;
        rewriteTo(done);
        world.invariants.onDisk(server);
        server.postAlways(
                () -> {
                    if (done.image == null) {
                        server.machine().onTruncated(done.last);
                    } else {
                        server.machine().onInstalled(done.last, done.image);
                    }
                });
    }

    private void rewriteTo(Rewrite done) {
        if (done.image != null) {
            snapshots.clear();
            snapshots.add(new Snapshot(done.last, done.image.version()));
            server.expectImage(false);
        } else {
            snapshots.removeIf(snapshot -> snapshot.last.index > done.last.index);
        }
        durable = done.last;
        appended = done.last;
    }

    @Override
    public long lastAppended() {
        return appended.zxid;
    }

    @Override
    public void truncate(long zxid) {
        server.effect();
        Logged target = appended.upTo(Math.max(zxid, world.history.beginning().zxid));
        world.invariants.onTruncate(server, zxid, target, floor());
        world.marks.reach(Mark.TRUNCATED);
        rewrite = new Rewrite(target, null);
        maybeForce();
    }

    @Override
    public void install(Image image) {
        server.effect();
        TreeImage received = (TreeImage) image;
        Logged last = world.history.proposed(received.zxid());
        world.invariants.onInstall(server, received, last);
        rewrite = new Rewrite(last, received);
        maybeForce();
    }

    @Override
    public void locate(long link, long zxid) {
        server.effect();
        int process = server.process();
        world.agenda.add(
                latencyUs(),
                Agenda.Kind.DISK,
                server.index,
                () -> {
                    if (process == server.process()) {
                        onLocated(link, zxid);
                    }
                });
    }

    private void onLocated(long link, long zxid) {
        Logged floor = floor();
        long found = zxid < floor.zxid ? -1 : appended.upTo(zxid).zxid;
        server.postAlways(() -> server.peer().onLocated(link, found));
    }

    /** The log goes back to here, this entry not included. */
    Logged floor() {
        return snapshots.get(0).last;
    }

    // snapshots

    /** Writes a state aside; the log before the oldest one kept is deleted. */
    void snapshot(Logged last, TreeVersion version) {
        if (rewrite != null || last.index > durable.index || newestSnapshot().last == last) {
            return;
        }
        snapshots.add(new Snapshot(last, version));
        if (snapshots.size() > 1 && chance.hits(0.6)) {
            snapshots.remove(0);
        }
    }

    // EpochStore

    @Override
    public int accepted() {
        return accepted;
    }

    @Override
    public int current() {
        return current;
    }

    @Override
    public void accept(int epoch) {
        server.effect();
        failMaybe();
        if (epoch < accepted) {
            throw new Violation("S16", "accepted epoch falls from " + accepted + " to " + epoch);
        }
        world.invariants.onAccept(server, epoch);
        accepted = epoch;
        epochIsNews = true;
        server.effect();
    }

    @Override
    public void establish(int epoch) {
        server.effect();
        failMaybe();
        if (epoch < current || epoch > accepted) {
            throw new Violation(
                    "S16", "current epoch " + current + " to " + epoch + ", accepted " + accepted);
        }
        world.invariants.onEstablish(server, epoch);
        current = epoch;
        epochIsNews = true;
        if (isWiped) {
            world.marks.reach(Mark.WIPED_SERVER_SYNCHRONIZED);
            isWiped = false;
        }
        world.invariants.onDisk(server);
        server.effect();
    }

    /** A small file that cannot be written ends the process (D9). */
    private void failMaybe() {
        if (failing || full) {
            throw new SimServer.Killed(SimServer.Death.DISK_ERROR);
        }
    }

    // configurations

    Configuration active() {
        return active;
    }

    @Nullable Configuration seen() {
        return seen;
    }

    void keepActive(Configuration configuration) {
        failMaybe();
        active = configuration;
    }

    void keepSeen(@Nullable Configuration configuration) {
        failMaybe();
        seen = configuration;
    }

    /** The operator writes the files anew for a server that is not a member. */
    void rejoinWith(Configuration configuration) {
        active = configuration;
        seen = null;
    }

    List<Snapshot> snapshots() {
        return snapshots;
    }
}

package io.loomkeeper.zab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One server of an {@link Ensemble}: a peer, its ports, and a disk that outlives it. */
final class Host {
    final Ensemble ensemble;
    final long sid;
    final Disk disk = new Disk();

    /** As durable as the disk. */
    final Roster roster = new Roster();

    /** How often it has been started. */
    int run;

    Peer peer;
    Machine machine;
    Log log;
    boolean isLogFull;
    boolean isDiskStuck;

    /** How long the installation of an image takes. */
    long installMs = Ensemble.FORCE_MS;

    private boolean isFrozen;

    private boolean isUp;
    private final ArrayDeque<Consumer<Peer>> waiting = new ArrayDeque<>();
    private final TreeMap<Long, Notification> lastTold = new TreeMap<>();

    /** What is durable. */
    static final class Disk {
        List<Entry> entries = new ArrayList<>();
        long baseZxid;
        List<Entry> baseState = new ArrayList<>();
        int accepted;
        int current;
        boolean isWiped;
    }

    record State(long zxid, List<Entry> applied) implements Image {}

    Host(Ensemble ensemble, long sid) {
        this.ensemble = ensemble;
        this.sid = sid;
        this.machine = new Machine();
        this.log = new Log(0);
        this.peer = recovered();
    }

    static Entry entry(long zxid) {
        return new Entry(zxid, new UnsafeBuffer(new byte[] {(byte) zxid}));
    }

    boolean isUp() {
        return isUp;
    }

    void start() {
        run++;
        isUp = true;
        waiting.clear();
        lastTold.clear();
        machine = new Machine();
        log = new Log(run);
        peer = recovered();
        disk.isWiped = false;
        meetOthers();
        tick();
    }

    private Peer recovered() {
        Peer.Settings all = ensemble.settings;
        Membership active = roster.active == null ? ensemble.membership : roster.active;
        Peer.Settings own =
                new Peer.Settings(
                        sid,
                        active,
                        !active.isVoter(sid),
                        all.timing(),
                        all.commitLogCount(),
                        all.lastCounter(),
                        all.admitsStrangers());
        return new Peer(
                own,
                new Peer.Ports(
                        log,
                        new Epochs(),
                        machine,
                        new Wires(),
                        ensemble.isChanging ? roster : Configurations.fixed()),
                new Peer.Recovered(
                        disk.isWiped ? -1 : log.lastAppended(), List.copyOf(disk.entries)));
    }

    /** Election links to whoever is up stand; each says again what it said last. */
    void meetOthers() {
        for (Host other : ensemble.servers.values()) {
            if (other != this && ensemble.reaches(sid, other.sid)) {
                peer.onPeerReachable(other.sid, true);
                other.peer.onPeerReachable(sid, true);
                Notification last = other.lastTold.get(sid);
                if (last != null) {
                    other.tell(sid, last);
                }
            }
        }
    }

    /** What is not durable is lost. */
    void kill() {
        isUp = false;
        ensemble.closeAllOf(sid);
        for (Host other : ensemble.servers.values()) {
            if (other != this && other.isUp) {
                other.peer.onPeerReachable(sid, false);
            }
        }
    }

    void wipe() {
        disk.entries = new ArrayList<>();
        disk.baseState = new ArrayList<>();
        disk.baseZxid = 0;
        disk.accepted = 0;
        disk.current = 0;
        disk.isWiped = true;
    }

    /** As a process does that is stopped: the network goes on for it. */
    void freeze() {
        isFrozen = true;
    }

    void thaw() {
        isFrozen = false;
        tick();
    }

    boolean isRunning() {
        return isUp && !isFrozen;
    }

    void tick() {
        if (isRunning()) {
            peer.onTick(ensemble.nowMs);
            settle();
        }
    }

    void whenReady(Consumer<Peer> action) {
        waiting.add(action);
        settle();
    }

    private void settle() {
        while (isRunning() && !waiting.isEmpty() && peer.ready()) {
            waiting.remove().accept(peer);
            peer.onTick(ensemble.nowMs);
        }
    }

    /** Proposes a text; the leader only. */
    long propose(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long zxid = peer.nextZxid();
        machine.proposed.add(new Entry(zxid, new UnsafeBuffer(bytes)));
        assertTrue(peer.propose(new UnsafeBuffer(bytes), 0, bytes.length));
        return zxid;
    }

    private void tell(long to, Notification notification) {
        lastTold.put(to, notification);
        int toRun = ensemble.server(to).isUp ? ensemble.server(to).run : 0;
        ensemble.schedule(
                Ensemble.LATENCY_MS,
                () -> {
                    Host other = ensemble.server(to);
                    if (ensemble.reaches(sid, to) && (toRun == 0 || other.run == toRun)) {
                        other.whenReady(peer -> peer.onNotification(sid, notification));
                    } else if (isUp) {
                        peer.onPeerReachable(to, false);
                    }
                });
    }

    /** After every event. */
    void check() {
        if (!isUp) {
            return;
        }
        Peer.Probe probe = peer.probe();
        assertTrue(probe.currentEpoch() <= probe.acceptedEpoch(), "S16");
        assertTrue(probe.lastDurable() <= probe.lastAppended(), "S1");
        assertTrue(log.isChanging || machine.lastApplied() <= probe.lastAppended(), "S3: " + probe);
        long before = -1;
        for (Entry entry : machine.applied) {
            assertTrue(entry.zxid() > before, "S6");
            before = entry.zxid();
        }
    }

    @Override
    public String toString() {
        return isUp ? sid + " " + peer.probe() : sid + " down";
    }

    private final class Epochs implements EpochStore {
        @Override
        public int accepted() {
            return disk.accepted;
        }

        @Override
        public int current() {
            return disk.current;
        }

        @Override
        public void accept(int epoch) {
            assertTrue(epoch > disk.accepted, "S16");
            disk.accepted = epoch;
        }

        @Override
        public void establish(int epoch) {
            assertTrue(epoch > disk.current && epoch <= disk.accepted, "S16");
            disk.current = epoch;
        }
    }

    private final class Wires implements Links {
        @Override
        public void notify(long to, Notification notification) {
            tell(to, notification);
        }

        @Override
        public long dial(long to) {
            return ensemble.dial(sid, to);
        }

        @Override
        public void send(long link, Message message) {
            ensemble.send(link, sid, message);
        }

        @Override
        public void sendHistory(long link, long afterZxid, long lastZxid) {
            for (Entry entry : disk.entries) {
                if (entry.zxid() > afterZxid && entry.zxid() <= lastZxid) {
                    ensemble.send(link, sid, new Message.Proposal(entry.zxid(), entry.txn()));
                    ensemble.send(link, sid, new Message.Commit(entry.zxid()));
                }
            }
        }

        @Override
        public void close(long link) {
            ensemble.close(link, sid);
        }
    }

    /** Forces what was appended a little later. */
    final class Log implements Journal {
        private final int ofRun;
        private final List<Entry> appended = new ArrayList<>(disk.entries);
        boolean isChanging;
        private boolean isForcing;

        Log(int ofRun) {
            this.ofRun = ofRun;
        }

        @Override
        public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
            assertTrue(!isChanging && zxid > lastAppended());
            if (isLogFull) {
                return false;
            }
            UnsafeBuffer copy = new UnsafeBuffer(new byte[length]);
            copy.putBytes(0, txn, offset, length);
            appended.add(new Entry(zxid, copy));
            force();
            return true;
        }

        void force() {
            if (isForcing || isChanging || isDiskStuck) {
                return;
            }
            isForcing = true;
            List<Entry> begun = List.copyOf(appended);
            later(
                    () -> {
                        isForcing = false;
                        if (!isChanging && !isDiskStuck) {
                            disk.entries = new ArrayList<>(begun);
                            peer.onDurable(begun.getLast().zxid());
                            if (appended.size() > begun.size()) {
                                force();
                            }
                        }
                    });
        }

        private void later(Runnable action) {
            later(Ensemble.FORCE_MS, action);
        }

        private void later(long afterMs, Runnable action) {
            ensemble.schedule(
                    afterMs,
                    () -> {
                        if (isUp && run == ofRun) {
                            action.run();
                            settle();
                        }
                    });
        }

        @Override
        public long lastAppended() {
            return appended.isEmpty() ? disk.baseZxid : appended.getLast().zxid();
        }

        @Override
        public void truncate(long zxid) {
            assertTrue(
                    zxid == disk.baseZxid || appended.stream().anyMatch(e -> e.zxid() == zxid),
                    "T2");
            isChanging = true;
            appended.removeIf(entry -> entry.zxid() > zxid);
            List<Entry> left = new ArrayList<>(appended);
            later(
                    () -> {
                        disk.entries = left;
                        machine.applied.removeIf(entry -> entry.zxid() > zxid);
                        isChanging = false;
                        peer.onTruncated(zxid);
                    });
        }

        @Override
        public void install(Image image) {
            isChanging = true;
            State state = (State) image;
            appended.clear();
            later(
                    installMs,
                    () -> {
                        disk.entries = new ArrayList<>();
                        disk.baseZxid = state.zxid();
                        disk.baseState = new ArrayList<>(state.applied());
                        machine.applied.clear();
                        machine.applied.addAll(state.applied());
                        machine.installedZxid = state.zxid();
                        isChanging = false;
                        peer.onInstalled(state.zxid());
                    });
        }

        @Override
        public void locate(long link, long zxid) {
            long found = zxid < disk.baseZxid ? -1 : disk.baseZxid;
            for (Entry entry : appended) {
                if (entry.zxid() <= zxid) {
                    found = entry.zxid();
                }
            }
            long answer = found;
            later(() -> peer.onLocated(link, answer));
        }
    }

    /** Applies by remembering. */
    final class Machine implements StateMachine {
        final List<Entry> applied = new ArrayList<>();
        final List<Entry> proposed = new ArrayList<>();
        final List<Message> fromLeader = new ArrayList<>();
        final List<Message> fromLearners = new ArrayList<>();
        final List<Message.Touched> touched = new ArrayList<>();
        long installedZxid = disk.baseZxid;
        int timesLooking;

        Machine() {
            applied.addAll(disk.baseState);
            applied.addAll(disk.entries);
        }

        @Override
        public void onCommitted(long zxid) {
            while (!proposed.isEmpty() && proposed.getFirst().zxid() <= zxid) {
                applied.add(proposed.removeFirst());
            }
            assertEquals(zxid, lastApplied());
        }

        @Override
        public void onDelivered(long zxid, DirectBuffer txn) {
            assertTrue(proposed.isEmpty(), "S8");
            applied.add(new Entry(zxid, txn));
        }

        @Override
        public long lastApplied() {
            return applied.isEmpty()
                    ? installedZxid
                    : Math.max(installedZxid, applied.getLast().zxid());
        }

        @Override
        public Image image(List<Entry> tail) {
            List<Entry> all = new ArrayList<>(applied);
            all.addAll(tail);
            long zxid = tail.isEmpty() ? lastApplied() : tail.getLast().zxid();
            return new State(zxid, List.copyOf(all));
        }

        @Override
        public void onLeading(int epoch) {}

        @Override
        public void onFollowing(ServerState state, long leader, int epoch) {}

        @Override
        public void onLooking() {
            timesLooking++;
            proposed.clear();
        }

        @Override
        public void onLearnerMessage(long link, Message message) {
            fromLearners.add(message);
        }

        @Override
        public void onLearnerDown(long link) {}

        @Override
        public void onLeaderMessage(Message message) {
            fromLeader.add(message);
        }

        @Override
        public List<Message.Touched> takeTouched() {
            List<Message.Touched> taken = List.copyOf(touched);
            touched.clear();
            return taken;
        }
    }
}

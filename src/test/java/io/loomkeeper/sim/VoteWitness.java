package io.loomkeeper.sim;

import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Vote;
import java.util.Arrays;
import java.util.HashSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What servers tell each other on the election ports, and whom they turn to for it (E1 to E5). */
final class VoteWitness {
    /** A vote as it was cast in a round. */
    private record Ballot(Vote vote, long round) {
        static Ballot of(Notification notification) {
            return new Ballot(notification.vote(), notification.round());
        }
    }

    /** What one server has heard of another since it began to look. */
    private static final class Heard {
        /** The newest vote of those in the latest round, while that one looked. */
        @Nullable Notification vote;

        /** The newest that it said as one that follows or leads. */
        @Nullable Notification settled;

        /** All that it has voted while it looked. */
        final HashSet<Ballot> ever = new HashSet<>();

        /**
         * What it has said as one that follows or leads. Of these the core forgets none but for
         * another of the same round.
         */
        final HashSet<Ballot> joined = new HashSet<>();

        boolean hasClaimed;

        /** A bit for each server that it was ever for. */
        long everFor;

        void forget() {
            vote = null;
            settled = null;
            ever.clear();
            joined.clear();
            hasClaimed = false;
            everFor = 0;
        }
    }

    private final Simulation world;

    /** By hearer and speaker. What a server votes itself is what it heard of itself. */
    private final Heard[][] heard;

    private final long[] roundSent;

    /** Whom each server has turned to since it looked last; 0: nobody. */
    private final long[] chosen;

    /** Whom a reconfiguration has named to each server as the next leader; 0: nobody. */
    private final long[] named;

    /** The notification that is being taken in. */
    private @Nullable Notification hearing;

    private @Nullable SimServer hearer;
    private @Nullable SimServer speaker;

    VoteWitness(Simulation world) {
        this.world = world;
        int servers = world.plan.servers();
        this.heard = new Heard[servers][servers];
        for (Heard[] each : heard) {
            Arrays.setAll(each, _ -> new Heard());
        }
        this.roundSent = new long[servers];
        this.chosen = new long[servers];
        this.named = new long[servers];
    }

    private static void check(boolean holds, String rule, SimServer server, Object what) {
        if (!holds) {
            throw new Violation(rule, server + ": " + what);
        }
    }

    // the server itself

    void onLooking(SimServer server) {
        forget(server);
        if (hearing != null && hearer == server && speaker != null) {
            hear(server, speaker, hearing);
        }
    }

    void onFollowing(SimServer server) {
        named[server.index] = 0;
    }

    void onDeath(SimServer server) {
        forget(server);
        named[server.index] = 0;
        hearing = hearer == server ? null : hearing;
        roundSent[server.index] = 0;
    }

    private void forget(SimServer server) {
        chosen[server.index] = 0;
        for (Heard each : heard[server.index]) {
            each.forget();
        }
    }

    /** A reconfiguration says who leads next, and this server has heard of it. */
    void onNamed(SimServer server, long sid) {
        named[server.index] = sid;
    }

    // what it says

    void onNotify(SimServer server, Notification notification) {
        Vote vote = notification.vote();
        if (notification.state() != ServerState.LOOKING) {
            onSettledSays(server, vote);
            return;
        }
        if (vote.equals(Vote.NONE)) {
            return;
        }
        check(
                notification.round() >= roundSent[server.index],
                "E4",
                server,
                "round " + notification.round() + " after " + roundSent[server.index]);
        roundSent[server.index] = notification.round();
        SimDisk disk = server.disk();
        Vote own = new Vote(server.sid, disk.durable().zxid, disk.current());
        check(disk.appended() == disk.durable(), "D1", server, "votes with unforced entries");
        if (disk.isWiped() && server.isVoter()) {
            check(vote.leader() != server.sid || vote.zxid() == -1, "E8", server, vote);
            return;
        }
        check(vote.leader() != server.sid || vote.equals(own), "D1", server, vote + " for " + own);
        check(!isBetter(own, vote) || !server.isVoter(), "E1", server, vote + ", own " + own);
        named[server.index] = 0;
        hear(server, server, notification);
    }

    /** The order of E1, told once more: the core's own may be wrong. */
    private static boolean isBetter(Vote one, Vote other) {
        if (one.peerEpoch() != other.peerEpoch()) {
            return one.peerEpoch() > other.peerEpoch();
        }
        return one.zxid() != other.zxid()
                ? one.zxid() > other.zxid()
                : one.leader() > other.leader();
    }

    /** E10: whoever serves shows the epoch that is established, not the one it was elected in. */
    private static void onSettledSays(SimServer server, Vote vote) {
        if (server.machine().isServing()) {
            int epoch = server.disk().current();
            check(vote.peerEpoch() == epoch, "E10", server, "shows " + vote + " in " + epoch);
        }
    }

    // what it hears

    void onHeard(SimServer to, SimServer from, Notification notification) {
        hearer = to;
        speaker = from;
        hearing = notification;
        hear(to, from, notification);
    }

    /** What was heard last has had its effect. */
    void onHeardOut() {
        hearing = null;
    }

    private void hear(SimServer to, SimServer from, Notification notification) {
        Vote vote = notification.vote();
        Heard of = heard[to.index][from.index];
        of.hasClaimed |= notification.state() == ServerState.LEADING;
        if (vote.leader() < 1 || vote.leader() > world.servers.length) {
            return;
        }
        of.everFor |= 1L << (vote.leader() - 1);
        if (!isVoterFor(to, (int) vote.leader() - 1)) {
            return;
        }
        switch (notification.state()) {
            case LOOKING -> onVote(of, notification);
            case FOLLOWING, LEADING -> {
                of.settled = notification;
                of.joined.add(Ballot.of(notification));
            }
            case OBSERVING -> {}
        }
    }

    private static void onVote(Heard of, Notification notification) {
        Notification before = of.vote;
        if (notification.vote().zxid() == -1) {
            return; // E8: it is none
        }
        of.ever.add(Ballot.of(notification));
        if (before == null || notification.round() >= before.round()) {
            of.vote = notification;
        }
    }

    private static boolean isVoterFor(SimServer server, int other) {
        Configuration seen = server.seen();
        return server.disk().active().electorate.isVoter(other)
                || (seen != null && seen.electorate.isVoter(other));
    }

    // what comes of it

    /**
     * A server turns to a leader. A reconfiguration has named that one; or a quorum votes for it as
     * this one does (E3), also of a configuration that is to come; or a quorum has followed it, and
     * it leads by its own word (E5).
     */
    void onDial(SimServer server, long sid) {
        if (chosen[server.index] != sid) {
            chosen[server.index] = sid;
            onChosen(server, sid);
        }
    }

    private void onChosen(SimServer server, long sid) {
        Heard[] all = heard[server.index];
        Notification own = all[server.index].vote;
        boolean isOwn = own != null && own.vote().leader() == sid;
        if (named[server.index] == sid || (own != null && isOwn && isElected(server, own))) {
            return;
        }
        String words = "turns to " + sid;
        boolean hasClaimed = all[(int) sid - 1].hasClaimed;
        boolean wasElected = own != null && isOwn && wasElected(server, own);
        check(hasClaimed || !wasElected, "E2", server, words + ", for votes that were changed");
        boolean hasJoined = isQuorum(server, each -> isFor(each.settled, sid));
        check(
                isQuorum(server, each -> (each.everFor >> (sid - 1) & 1) == 1),
                isOwn ? "E3" : "E5",
                server,
                words + ", and too few were for it");
        check(
                hasClaimed,
                isOwn && !hasJoined ? "E3" : "E5",
                server,
                words + ", for which not enough have voted, and which has not said that it leads");
    }

    private boolean isElected(SimServer server, Notification own) {
        Ballot ballot = Ballot.of(own);
        return isQuorumOfAll(
                server,
                each ->
                        each.joined.contains(ballot)
                                || (each.vote != null && Ballot.of(each.vote).equals(ballot)));
    }

    /** As {@link #isElected} if nobody had changed its vote since (E2). */
    private boolean wasElected(SimServer server, Notification own) {
        Ballot ballot = Ballot.of(own);
        return isQuorumOfAll(server, each -> each.ever.contains(ballot));
    }

    private static boolean isFor(@Nullable Notification said, long sid) {
        return said != null && said.vote().leader() == sid;
    }

    /** Of a configuration that is to come as well. */
    private boolean isQuorumOfAll(SimServer server, Predicate<Heard> counts) {
        Configuration seen = server.seen();
        return isQuorum(server, counts)
                && (seen == null || isQuorum(server, seen.electorate, counts));
    }

    private boolean isQuorum(SimServer server, Predicate<Heard> counts) {
        return isQuorum(server, server.disk().active().electorate, counts);
    }

    private boolean isQuorum(SimServer server, Electorate electorate, Predicate<Heard> counts) {
        return electorate.isQuorum(voter -> counts.test(heard[server.index][voter]));
    }
}

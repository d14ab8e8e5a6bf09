package io.loomkeeper.zab;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Fast leader election, from the moment that this server looks for a leader until it knows one (E1
 * to E10, protocol 16.5).
 */
final class Election {
    private static final long NEVER = Long.MAX_VALUE;

    private final Member member;

    /** What this server has to offer; does not change during an election. */
    private final Vote candidacy;

    /** Of this round, by voter; this server's own is among them. */
    private final TreeMap<Long, Ballot> votes = new TreeMap<>();

    /** Of voters that follow or lead, whatever the round. */
    private final TreeMap<Long, Ballot> settled = new TreeMap<>();

    private Vote proposal;
    private long intervalMs;
    private long repeatAtMs;

    /** When a quorum's decision stands, unless a better vote comes; {@link #NEVER}: none yet. */
    private long decideAtMs = NEVER;

    private @Nullable Ballot decided;

    Election(Member member) {
        this.member = member;
        this.candidacy = member.candidacy();
        this.proposal = candidacy;
    }

    /** Whom this server will follow, and the round in which that was decided. */
    @Nullable Ballot decided() {
        return decided;
    }

    Vote proposal() {
        return proposal;
    }

    void begin() {
        member.adoptRound(member.round() + 1);
        propose(candidacy);
        maybeDecide();
    }

    void onTick() {
        if (member.nowMs() >= decideAtMs) {
            decide(ownBallot());
        } else if (member.nowMs() >= repeatAtMs) {
            intervalMs = Math.min(2 * intervalMs, member.timing().maxNotificationIntervalMs());
            tellAll();
        }
    }

    long nextDeadlineMs() {
        return Math.min(decideAtMs, repeatAtMs);
    }

    /** One server fewer may be waited for, or one more may have missed our vote. */
    void onPeerReachable(boolean isReachable) {
        if (isReachable) {
            repeatSoon();
        } else {
            maybeDecide();
        }
    }

    private void repeatSoon() {
        intervalMs = member.timing().minNotificationIntervalMs();
        repeatAtMs = Math.min(repeatAtMs, member.nowMs() + intervalMs);
    }

    /**
     * @param from a voter (E2)
     */
    void onNotification(long from, Notification notification) {
        if (!member.inForce().isVoter(notification.vote().leader())) {
            maybeCatchUp(notification);
            return; // E2, E7: observers and strangers are never elected
        }
        Ballot ballot = Ballot.of(notification);
        switch (notification.state()) {
            case LOOKING -> onLooking(from, ballot);
            case FOLLOWING, LEADING -> onSettled(from, ballot);
            case OBSERVING -> {} // E7: what an observer says does not count
        }
    }

    /**
     * Rule L1: whoever is to vote by a configuration that it has not seen votes for nobody until it
     * hears of somebody in its own round. And whoever has the best vote by one that this server has
     * not seen is made known to it by those who have (protocol 16.4).
     */
    private void maybeCatchUp(Notification notification) {
        if (notification.state() != ServerState.LOOKING) {
            return;
        }
        Membership seen = seenElsewhere(notification);
        if (seen != null) {
            see(seen, notification);
        } else if (notification.round() > member.round()) {
            member.adoptRound(notification.round()); // E4
            votes.clear();
            propose(candidacy);
        }
    }

    /**
     * Without it this server and its sender, both of whom it takes, would wait for one another.
     * What nobody needs is not taken up: it could keep from office whoever can do without.
     */
    private @Nullable Membership seenElsewhere(Notification notification) {
        Vote vote = notification.vote();
        if (!member.isVoter() || isUntrusted(candidacy) || !vote.isBetterThan(candidacy)) {
            return null;
        }
        InForce inForce = member.inForce();
        Membership seen = inForce.read(notification.seen());
        if (seen == null || !seen.quorum().mayLead(vote.leader())) {
            return null;
        }
        return inForce.mayCome(seen, candidacy.peerEpoch()) ? seen : null;
    }

    /** As if a leader had proposed it (S23); in a new round, so that all vote again (E4). */
    private void see(Membership seen, Notification notification) {
        member.inForce().see(seen);
        member.adoptRound(Math.max(member.round(), notification.round()) + 1);
        votes.clear();
        propose(better(notification.vote(), candidacy));
    }

    private void onLooking(long from, Ballot ballot) {
        if (isUntrusted(ballot.vote()) || isUntrusted(candidacy)) {
            return; // E8: an empty server neither votes nor is voted for
        }
        if (ballot.round() > member.round()) {
            member.adoptRound(ballot.round()); // E4
            votes.clear();
            propose(better(credible(ballot.vote()), candidacy));
        } else if (ballot.round() < member.round()) {
            tellLaggard(from);
            return;
        } else if (isBetter(credible(ballot.vote()), proposal)) {
            propose(ballot.vote());
        }
        votes.put(from, ballot);
        maybeDecide();
    }

    private static boolean isUntrusted(Vote vote) {
        return vote.zxid() == -1;
    }

    /** A vote for this server as it was before it was cut or restarted says too much (D1). */
    private Vote credible(Vote vote) {
        return vote.leader() == member.sid() ? candidacy : vote;
    }

    private Vote better(Vote one, Vote other) {
        return isBetter(one, other) ? one : other;
    }

    /** Rules E1, E7: nobody takes up the vote for a server without weight (protocol 16.5). */
    private boolean isBetter(Vote one, Vote other) {
        return member.quorum().mayLead(one.leader()) && one.isBetterThan(other);
    }

    /** It learns the round from us. Voters alone matter: two that look would talk for ever. */
    private void tellLaggard(long from) {
        if (member.isVoter()) {
            member.links().notify(from, notification());
        }
    }

    /** Rule E1: this is the best that we know of. */
    private void propose(Vote vote) {
        proposal = vote;
        decideAtMs = NEVER;
        if (member.isVoter() && !isUntrusted(candidacy)) {
            votes.put(member.sid(), ownBallot());
        }
        intervalMs = member.timing().minNotificationIntervalMs();
        tellAll();
    }

    private Ballot ownBallot() {
        return Ballot.of(notification());
    }

    Notification notification() {
        return member.notification(ServerState.LOOKING, proposal, member.round());
    }

    private void tellAll() {
        repeatAtMs = member.nowMs() + intervalMs;
        Notification notification = notification();
        for (Long voter : member.quorum().voters()) {
            if (voter != member.sid()) {
                member.links().notify(voter, notification);
            }
        }
    }

    /** Rule E3: a quorum agrees with us; then a last wait, unless nobody is left to wait for. */
    private void maybeDecide() {
        Ballot own = ownBallot();
        if (!member.quorum().isQuorum(supporters(votes, own))) {
            decideAtMs = NEVER;
        } else if (hasEverybodySpoken()) {
            decide(own);
        } else if (decideAtMs == NEVER) {
            decideAtMs = member.nowMs() + member.timing().finalizeWaitMs();
        }
    }

    /** Whether no better vote can come: who could cast one has voted, or cannot reach us. */
    private boolean hasEverybodySpoken() {
        for (Long voter : member.quorum().voters()) {
            if (voter != member.sid()
                    && !votes.containsKey(voter)
                    && !member.isUnreachable(voter)) {
                return false;
            }
        }
        return true;
    }

    private void decide(Ballot ballot) {
        assert member.quorum().mayLead(ballot.vote().leader()) : "E7: " + ballot;
        decided = ballot;
    }

    /** Somebody has a leader: join it if enough others say the same (E5). */
    private void onSettled(long from, Ballot ballot) {
        if (ballot.round() == member.round()) {
            votes.put(from, ballot);
            if (leads(votes, ballot)) {
                decide(ballot);
                return;
            }
        }
        settled.put(from, ballot);
        if (leads(settled, ballot)) {
            if (ballot.round() > member.round()) {
                member.adoptRound(ballot.round());
            }
            decide(ballot);
        } else {
            repeatSoon(); // L3: there may be a leader, so others are worth asking again
        }
    }

    private boolean leads(Map<Long, Ballot> ballots, Ballot ballot) {
        return decidesOn(ballot.vote().leader()).isQuorum(supporters(ballots, ballot))
                && claimsToLead(ballots, ballot);
    }

    /**
     * To follow, the active configuration is enough (S23): where the next one counts already, they
     * say so, and it would be active here. Without this whoever has seen one that came to nothing
     * might never be told so (L3).
     */
    private Quorum decidesOn(long leader) {
        return leader == member.sid() ? member.quorum() : member.inForce().active().quorum();
    }

    /** Rule E5: the leader says so itself; if that is this server, it was elected in this round. */
    private boolean claimsToLead(Map<Long, Ballot> ballots, Ballot ballot) {
        long leader = ballot.vote().leader();
        if (leader == member.sid()) {
            return ballot.round() == member.round()
                    && ballot.vote().equals(candidacy)
                    && !isUntrusted(candidacy);
        }
        Ballot claim = ballots.get(leader);
        return claim != null && claim.state() == ServerState.LEADING;
    }

    private static Set<Long> supporters(Map<Long, Ballot> ballots, Ballot ballot) {
        TreeSet<Long> sids = new TreeSet<>();
        ballots.forEach(
                (sid, other) -> {
                    if (ballot.agreesWith(other)) {
                        sids.add(sid);
                    }
                });
        return sids;
    }
}

package io.loomkeeper.zab;

import io.loomkeeper.zab.Learner.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Everybody who has a link to a leader, in the order in which they came. */
final class Learners {
    private final Member member;
    private final TreeMap<Long, Learner> byLink = new TreeMap<>();

    /** Who gets what is proposed: everybody who has got our history up to now (S9). */
    private Learner[] audience = {};

    Learners(Member member) {
        this.member = member;
    }

    @Nullable Learner on(long link) {
        return byLink.get(link);
    }

    void add(long link) {
        byLink.put(link, new Learner(link, member.nowMs()));
    }

    /** Closes its link. */
    void drop(Learner learner) {
        member.links().close(learner.link);
        forget(learner);
    }

    /** Its link is gone. */
    void forget(Learner learner) {
        byLink.remove(learner.link);
        updateAudience();
        if (learner.phase == Phase.SERVING) {
            member.stateMachine().onLearnerDown(learner.link);
        }
    }

    /** A server has one link: the older one broke, and we have not heard of it yet. */
    void dropOlder(long sid) {
        for (Learner learner : List.copyOf(byLink.values())) {
            if (learner.isAtLeast(Phase.INTRODUCED) && learner.sid == sid) {
                drop(learner);
            }
        }
    }

    /**
     * Drops who is silent, or does not ack (protocol 15.8).
     *
     * @return whether there was any
     */
    boolean dropSilent() {
        boolean hasDropped = false;
        for (Learner learner : List.copyOf(byLink.values())) {
            if (learner.isSilent(member.timing(), member.nowMs()) || lags(learner)) {
                drop(learner);
                hasDropped = true;
            }
        }
        return hasDropped;
    }

    private boolean lags(Learner learner) {
        return learner.phase == Phase.SERVING
                && learner.lags(member.timing().syncMs(), member.nowMs());
    }

    void closeAll() {
        byLink.keySet().forEach(member.links()::close);
        byLink.clear();
        updateAudience();
    }

    void updateAudience() {
        ArrayList<Learner> listening = new ArrayList<>();
        for (Learner learner : byLink.values()) {
            if (learner.isAtLeast(Phase.SYNCING)) {
                listening.add(learner);
            }
        }
        audience = listening.toArray(new Learner[0]);
    }

    /** Who votes has changed (S23). */
    void recount() {
        for (Learner learner : byLink.values()) {
            learner.counts = !learner.isObserver && member.inForce().isVoter(learner.sid);
        }
    }

    /** Never changed: a new one is made when somebody comes or goes. */
    Learner[] audience() {
        return audience;
    }

    boolean hears(Learner learner) {
        return List.of(audience).contains(learner);
    }

    /** Those in a phase, as they are now. */
    List<Learner> in(Phase phase) {
        return byLink.values().stream().filter(learner -> learner.phase == phase).toList();
    }

    /** This server, and the voters that follow it and are at least in that phase (S24). */
    Set<Long> votersFrom(Phase phase) {
        TreeSet<Long> sids = new TreeSet<>();
        sids.add(member.sid());
        for (Learner learner : byLink.values()) {
            if (learner.counts && learner.isAtLeast(phase)) {
                sids.add(learner.sid);
            }
        }
        return sids;
    }

    /** Up to where voters that have acked the epoch are durable, this server's journal aside. */
    SortedMap<Long, Long> acked() {
        TreeMap<Long, Long> acked = new TreeMap<>();
        for (Learner learner : byLink.values()) {
            if (learner.counts && learner.isAtLeast(Phase.READY)) {
                acked.put(learner.sid, learner.acked);
            }
        }
        return acked;
    }

    /**
     * @param pendingSyncs of theirs
     */
    Peer.Following following(int pendingSyncs) {
        int followers = 0;
        int observers = 0;
        for (Learner learner : in(Phase.SERVING)) {
            followers += learner.counts ? 1 : 0;
            observers += learner.isObserver ? 1 : 0;
        }
        return new Peer.Following(byLink.size(), followers, observers, pendingSyncs);
    }
}

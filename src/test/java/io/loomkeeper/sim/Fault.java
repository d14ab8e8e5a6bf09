package io.loomkeeper.sim;

/** What a seed may inflict on the servers. */
enum Fault {
    /** A connection breaks, at any byte. */
    CUT,
    /** One direction between two servers carries nothing for a while. */
    STALL,
    /** Servers are divided: halves, one alone, a ring, a bridge; one way or both. */
    PARTITION(2),
    /** A new leader is cut off from all others, soon and for longer than they wait. */
    ISOLATED_LEADER,
    /** A direction gets slow for a while. */
    SLOW_LINK,
    /** What is under way on one connection arrives late. */
    SLOW_CONNECTION,
    /** Dialling a server fails for a while. */
    NO_DIAL,
    /** A server loses power: what was not forced may be gone, its peers hear nothing of it. */
    POWER_LOSS,
    /** All servers lose power at once. */
    BLACKOUT(0.1),
    /** A process ends; what it had written stays, its connections break. */
    KILL,
    /** A leader is asked to hand over. */
    HAND_OVER,
    /** A process ends between two of its effects. */
    KILL_BETWEEN_EFFECTS,
    /** A process stands still for a while. */
    PAUSE,
    /** A write or force fails. */
    IO_ERROR,
    /** A disk is full for a while. */
    FULL_DISK,
    /** A disk takes very long for a while. */
    SLOW_DISK,
    /** A process looks at its clock late. */
    LATE_TICKS,
    /** A disk is replaced by an empty one; of few servers at a time. */
    WIPE(0.3),
    /** A server dies while its history is being cut or replaced. */
    DEATH_DURING_REWRITE,
    /** A server dies, or its leader is cut off, while a configuration is to take effect. */
    DEATH_DURING_RECONFIGURATION,
    /** A new leader dies at once, or when it has logged what nobody else has. */
    SHORT_LEADERSHIP,
    /** While a server is down, a bit of its files flips or a sector is lost. */
    DAMAGE(2, 0.2);

    /** How often this comes, compared with others. */
    final double rate;

    /** In which part of all seeds it comes at all. */
    final double share;

    Fault() {
        this(1);
    }

    Fault(double rate) {
        this(rate, 0.5);
    }

    Fault(double rate, double share) {
        this.rate = rate;
        this.share = share;
    }
}

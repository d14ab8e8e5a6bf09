package io.loomkeeper.zab;

/** What a server does in the ensemble; its ordinal is its code on the election port. */
public enum ServerState {
    LOOKING,
    FOLLOWING,
    LEADING,
    OBSERVING
}

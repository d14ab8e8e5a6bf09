package io.loomkeeper.zab;

/** What committed transactions are delivered to: a port of the agreement core. */
public interface StateMachine {
    /**
     * Everything up to and including {@code zxid} is committed. Called with rising values; the
     * state machine holds the proposed transactions itself and delivers them in zxid order.
     */
    void onCommitted(long zxid);
}

package io.loomkeeper.zab;

import org.jspecify.annotations.Nullable;

/**
 * What servers tell each other on the election port (protocol 16.3).
 *
 * @param state of the sender
 * @param vote of the sender
 * @param round of the sender, its logical clock
 * @param version of the message: 2; 0 from ancient servers
 * @param config the sender's configuration as text; null when it sent none
 * @param seen as text, what the sender has seen and is not active; null when there is none, or the
 *     sender is not ours
 */
public record Notification(
        ServerState state,
        Vote vote,
        long round,
        int version,
        @Nullable String config,
        @Nullable String seen) {
    static final int VERSION = 2;

    /** Of a sender that waits for no configuration. */
    public Notification(
            ServerState state, Vote vote, long round, int version, @Nullable String config) {
        this(state, vote, round, version, config, null);
    }
}

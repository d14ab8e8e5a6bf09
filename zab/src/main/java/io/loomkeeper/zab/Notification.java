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
 */
public record Notification(
        ServerState state, Vote vote, long round, int version, @Nullable String config) {
    static final int VERSION = 2;
}

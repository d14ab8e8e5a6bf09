package io.loomkeeper.net;

import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's proof of who it is, token by token (protocol 18.3). Each connection has its own, and
 * its reader alone calls.
 */
public interface SaslConversation {
    /**
     * Answers a token.
     *
     * @param token empty when the client has none to begin with
     * @param identities of the connection so far
     */
    Turn onToken(Bytes token, List<AuthId> identities);

    /** What comes of a token. */
    sealed interface Turn {
        /**
         * The client goes on, or is done.
         *
         * @param token for the client; null when there is none
         * @param identities of the connection from now on
         */
        record Reply(@Nullable Bytes token, List<AuthId> identities) implements Turn {}

        /** The client hears this, and its connection is closed. */
        record Refused(KeeperError error) implements Turn {}
    }
}

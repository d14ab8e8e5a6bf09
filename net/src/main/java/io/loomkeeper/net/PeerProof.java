package io.loomkeeper.net;

import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How servers prove to each other that they belong together, besides TLS (protocol 18.4). Any
 * thread may ask for an exchange; each has its own.
 */
public interface PeerProof {
    /** quorum.auth.learnerRequireSasl: whether this server proves itself to those that it dials. */
    boolean isGiven();

    /** quorum.auth.serverRequireSasl: whether who dials has to. */
    boolean isNeeded();

    /**
     * With a server that is dialled.
     *
     * @param host its name in the configuration
     */
    Exchange giving(String host) throws IOException;

    /**
     * With a server that has dialled.
     *
     * @param hosts of all members, as the configuration has them now
     */
    Exchange judging(Set<String> hosts) throws IOException;

    /** One exchange of tokens. */
    interface Exchange {
        /**
         * Takes the other end's token and answers it; the side that gives a proof begins with an
         * empty one.
         *
         * @throws IOException when the other end is not whom it should be
         */
        byte @Nullable [] answer(byte[] token) throws IOException;

        /** Whether nothing more is expected. */
        boolean isDone();
    }
}

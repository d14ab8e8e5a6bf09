package io.loomkeeper.admin;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Says who may do what not everybody may who reaches the port. */
public interface Guard {
    /** What is answered to whoever asks. */
    enum Verdict {
        ADMITTED,
        /** What they say of themselves is not believed. */
        UNKNOWN,
        /** They are who they say, and may not. */
        REFUSED
    }

    /**
     * Who asks.
     *
     * @param address of the socket; no header says another
     * @param subject of the certificate that was shown and is believed; null without one
     * @param authorization what the header of that name says
     */
    record Asker(InetAddress address, @Nullable String subject, String authorization) {}

    /** Judges; on the thread of the request. */
    Verdict judge(Asker asker);
}

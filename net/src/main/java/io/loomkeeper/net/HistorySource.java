package io.loomkeeper.net;

import java.io.IOException;
import org.agrona.DirectBuffer;

/** This server's history on disk, for learners that need a piece of it. */
public interface HistorySource {
    /** Receives transactions. */
    interface Visitor {
        /** Takes one; {@code buffer} is used again after the return. */
        void onTxn(long zxid, DirectBuffer buffer, int offset, int length) throws IOException;
    }

    /**
     * Visits each transaction above {@code afterZxid} up to and including {@code lastZxid}, in
     * order. Called on a link's thread; may block on the disk.
     *
     * @throws IOException when it cannot be read, or is not all there any more, or the visitor
     *     threw it
     */
    void read(long afterZxid, long lastZxid, Visitor visitor) throws IOException;
}

package io.loomkeeper.net;

import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;

/**
 * Where the links to other servers put what the pipeline has to deal with: one method for each of
 * {@code zab.Peer}'s of that name, in the order in which each link puts it.
 *
 * <p>Called on the links' own threads. None of the methods blocks. False means that there is no
 * room now: the link stops reading its socket and tries again. A sink that will never take anything
 * again returns true and drops it.
 */
public interface PeerSink {
    boolean offerNotification(long from, Notification notification);

    /** The election link to a server came up, or cannot be opened, or broke. */
    boolean offerReachable(long sid, boolean isReachable);

    /** A member of the ensemble connected to our quorum port; its first message comes next. */
    boolean offerAccepted(long link);

    boolean offerLinkUp(long link);

    /** The last that comes of a link, unless it was closed by {@code zab.Links.close}. */
    boolean offerLinkDown(long link);

    boolean offerMessage(long link, Message message);

    /** Bytes of an image or of a piece of history move; once in a while. */
    boolean offerProgress(long link);
}

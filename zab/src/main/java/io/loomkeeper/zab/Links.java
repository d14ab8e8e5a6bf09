package io.loomkeeper.zab;

/**
 * What leads to the other servers: a port of the agreement core, implemented by {@code net}. No
 * call blocks or fails; what is sent on a link that is gone is dropped.
 *
 * <p>A quorum link is a connection between a leader and a learner, under an id that no other link
 * of this process ever had. Messages on it arrive in order, each once, until it breaks. Each end
 * learns that by {@link Peer#onLinkDown}, after the last message of it; an end that closed the link
 * itself hears nothing more of it.
 */
public interface Links {
    /**
     * Tells a server this on the election port. Of several that could not be sent yet only the
     * newest is; it is sent again when the connection is made anew.
     */
    void notify(long sid, Notification notification);

    /**
     * Opens a link to the quorum port of a server. {@link Peer#onLinkUp} or {@link Peer#onLinkDown}
     * tells how it went.
     *
     * @return its id
     */
    long dial(long sid);

    /**
     * Queues a message. A link whose queue would exceed its bound in bytes breaks: a slow server is
     * cut off.
     */
    void send(long link, Message message);

    /**
     * Queues a piece of this server's history, which is read from disk when its turn comes: a
     * Proposal and a Commit for each transaction above {@code afterZxid} up to and including {@code
     * lastZxid}, both of which are in it.
     */
    void sendHistory(long link, long afterZxid, long lastZxid);

    /** Closes a link at once, or drops an attempt to open it. Idempotent. */
    void close(long link);
}

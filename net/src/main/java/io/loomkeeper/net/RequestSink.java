package io.loomkeeper.net;

import org.agrona.DirectBuffer;

/**
 * Where connections put what the pipeline has to deal with, in the order in which each of them puts
 * it.
 *
 * <p>Called on connections' own threads. None of the methods blocks; the bytes are copied before
 * they return. False means that there is no room now: the connection stops reading its socket and
 * tries again. A sink that will never take anything again returns true and drops it.
 */
public interface RequestSink {
    /**
     * Takes the payload of a ConnectRequest, checked to be one. Answered by {@link
     * ClientLink#connected}, {@link ClientLink#refused} or {@link ClientLink#close}; until then
     * nothing else comes from this connection but {@link #offerClosed}.
     */
    boolean offerConnect(ClientLink from, DirectBuffer frame, int offset, int length);

    /**
     * Takes the payload of a request: at least xid and type, the type known and one that clients
     * may send. Counts as in flight until {@link ClientLink#completed}, which the pipeline owes for
     * each, answered or not.
     *
     * @param receivedNs to be handed back in {@link Asked}
     */
    boolean offer(ClientLink from, long receivedNs, DirectBuffer frame, int offset, int length);

    /** Takes the news that nothing will come from this connection any more, nor be sent to it. */
    boolean offerClosed(ClientLink from);
}

/**
 * What comes and goes on sockets.
 *
 * <pre>
 *   Acceptor ──> Connections ──> ClientConnection ─┬─ ClientReader   virtual thread; FrameBuffer cuts frames
 *                limits, ticks   implements        ├─ writer         virtual thread, started when first needed
 *                                ClientLink        └─ Outbox         what is to be sent, in the promised order
 *
 *   frame ──> ClientReader ─┬─ plain read, nothing in flight ──> LocalReads ──────────────┐
 *                           └─ all else ──> RequestSink ··· pipeline ··· ClientLink ──> Outbox ──> socket
 * </pre>
 *
 * <p>The hard part is the order of what a client hears; it is told in {@link
 * io.loomkeeper.net.Outbox}. What this room needs of the server are the ports in {@link
 * io.loomkeeper.net.ClientPorts}; what the server does with a connection is {@link
 * io.loomkeeper.net.ClientLink}.
 *
 * <p>Beside the clients' door there are two for the other servers, and links that lead to theirs:
 *
 * <pre>
 *   PeerLinks ─┬─ QuorumLinks ──> QuorumLink ─┬─ reader   QuorumDecoder: messages, images
 *   implements │                              └─ writer   LinkQueue: messages, images, history
 *   zab.Links  └─ ElectionLinks ──> ElectionPeer ──> ElectionLink ─┬─ reader   ElectionDecoder
 *                                   the newest notification        └─ writer
 *
 *   socket ──> reader ──> PeerSink ··· pipeline ··· zab.Links ──> queue ──> writer ──> socket
 * </pre>
 *
 * <p>Who is not of the ensemble is told nothing, a peer that does not read is cut off, and what is
 * not of the protocol costs the link that it came on (E9, L5).
 *
 * <p>Virtual threads are not preempted. Whatever loops here on a socket that may always be ready
 * rests now and then by parking (ClientConnection.rest says why a yield would not do).
 */
@NullMarked
package io.loomkeeper.net;

import org.jspecify.annotations.NullMarked;

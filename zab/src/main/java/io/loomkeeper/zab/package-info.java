/**
 * Agreement on order: which transaction comes after which, decided by a quorum of servers.
 *
 * <pre>
 *     onTick, onNotification, onMessage, onDurable, propose ...          one thread, no waiting
 *          |
 *        Peer -- Member ---- role: Looking (Election) | Learning | Leading (Synchronizer, Broadcast)
 *                   |                                     the only thing that changes roles is Member
 *                History: committed log, tail
 *          |
 *     Journal, EpochStore (log)   Links (net)   StateMachine (server)    ports: what it wants done
 * </pre>
 *
 * A transaction is bytes here. The rules that comments cite (S, D, T, E, L) are in
 * docs/invariants.md, the protocol in docs/protocol.md, the decisions in ADR 8.
 */
@NullMarked
package io.loomkeeper.zab;

import org.jspecify.annotations.NullMarked;

/**
 * The replicated state machine: a function of the transactions it was given, and nothing else.
 *
 * <pre>
 *   Request -> Preparer -> Txn -> DataTree.apply -> Applied: Response for the client
 *                 |                    |                     Changes -> Watches: whom to tell
 *                 '--- reads head -----+
 *                                      | seal
 *                                      v
 *                                 TreeVersion -> Reads: Response, on any thread
 *                                             -> SnapshotImage: bytes, on any thread
 *
 *   TxnCodec: a Txn as logs and proposals carry it, in Apache's form
 * </pre>
 *
 * <p>One thread calls what changes; it takes time, chance and bytes as arguments. What is sealed
 * never changes and belongs to everybody.
 */
@NullMarked
package io.loomkeeper.tree;

import org.jspecify.annotations.NullMarked;

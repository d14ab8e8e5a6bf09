/**
 * What survives a crash.
 *
 * <pre>
 *   append -> AppendQueue -> Syncer -> LogTail -> ChronicleRun       one force per batch, then onDurable
 *                                         |
 *                                     DurableExtent                  how far it is known to be on disk
 *
 *   History -> SegmentReader                                         the way back, without Chronicle
 *   Recovery: the newest sound snapshot (SnapshotStore), and the log after it (TxnLog.replay)
 *   Retention: what no recovery can need any more is deleted
 *   Inspection: all of it read and nothing written, beside a running server too
 *   EpochFile: the promises between servers;  DataDirLock: one server per directory
 * </pre>
 *
 * What the files look like in a directory, and why, is in docs/formats.md; each layout is drawn
 * above its codec.
 */
@NullMarked
package io.loomkeeper.log;

import org.jspecify.annotations.NullMarked;

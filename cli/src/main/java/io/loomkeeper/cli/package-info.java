/**
 * What an operator does with a server's files, and asks of servers: {@code bin/loomkeeper}.
 *
 * <pre>
 *   Source: a state at any zxid, and the transactions that led there
 *     OwnFiles        a data directory of ours, beside a running server too; a backup is one
 *     ApacheFiles     a data directory of Apache's: ApacheSnapshot, ApacheLog
 *     SnapshotFile    one snapshot alone, of either kind
 *   NewHome: a state becomes a data directory that a server starts on
 *   BackupDirectory: data directories that grow by what a running server has written since
 * </pre>
 *
 * One thread, the program's.
 */
@NullMarked
package io.loomkeeper.cli;

import org.jspecify.annotations.NullMarked;

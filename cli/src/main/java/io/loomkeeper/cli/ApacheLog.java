package io.loomkeeper.cli;

import io.loomkeeper.log.CorruptLogException;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnFormatException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Adler32;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log's file as Apache's servers write it (protocol 13.1): {@code log.<zxid of the first
 * transaction>}. Integers are big-endian.
 *
 * <pre>
 *   int magic "ZKLG" | int version 2 | long 0
 *   entries   long Adler-32 of the transaction | int length | the transaction | byte "B"
 *   end       zeros up to the end of the file, or nothing
 * </pre>
 *
 * @param endOffset the byte behind the last whole entry
 * @param isTorn whether something other than zeros comes there: a crash cut it off
 */
record ApacheLog(long endOffset, boolean isTorn) {
    static final int MAGIC = 0x5a4b4c47;

    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 16;
    private static final int ENTRY_HEAD_BYTES = 12;
    private static final byte ENTRY_END = 'B';
    private static final Pattern NAME = Pattern.compile("log\\.([0-9a-f]{1,16})");

    /** The zxid in a name; empty when it is not that of a log. */
    static OptionalLong zxid(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                ? OptionalLong.of(Long.parseUnsignedLong(name.group(1), 16))
                : OptionalLong.empty();
    }

    /**
     * Visits every transaction of a file.
     *
     * @return how it ended
     * @throws CorruptLogException with the offset, when an entry is whole and not what was written
     */
    static ApacheLog read(Path file, Source.TxnVisitor visitor) throws IOException {
        long bytes = Files.size(file);
        if (bytes == 0) {
            return new ApacheLog(0, false);
        }
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 17))) {
            if (bytes < HEADER_BYTES) {
                return new ApacheLog(0, true);
            }
            check(in.readInt() == MAGIC, file, 0, "wrong magic");
            int version = in.readInt();
            check(version == VERSION, file, Integer.BYTES, "format version " + version);
            in.readLong();
            return new Entries(file, in, bytes).read(visitor);
        }
    }

    private static void check(boolean holds, Path file, long offset, String otherwise)
            throws CorruptLogException {
        if (!holds) {
            throw new CorruptLogException(file, offset, otherwise);
        }
    }

    private record Entries(Path file, DataInputStream in, long bytes) {
        ApacheLog read(Source.TxnVisitor visitor) throws IOException {
            long at = HEADER_BYTES;
            Adler32 sum = new Adler32();
            while (bytes - at >= ENTRY_HEAD_BYTES) {
                long expected = in.readLong();
                int length = in.readInt();
                if (length == 0) {
                    return new ApacheLog(at, expected != 0);
                }
                if (length < 0 || length > bytes - at - ENTRY_HEAD_BYTES - 1) {
                    return new ApacheLog(at, true);
                }
                byte[] txn = in.readNBytes(length);
                if (in.readByte() != ENTRY_END) {
                    return new ApacheLog(at, true);
                }
                sum.reset();
                sum.update(txn);
                check(sum.getValue() == expected, file, at, "an entry with a wrong checksum");
                visitor.onTxn(decoded(txn, at));
                at += ENTRY_HEAD_BYTES + length + 1;
            }
            return new ApacheLog(at, at < bytes);
        }

        private LoggedTxn decoded(byte[] txn, long at) throws CorruptLogException {
            try {
                return TxnCodec.decode(new UnsafeBuffer(txn), 0, txn.length);
            } catch (TxnFormatException e) {
                throw new CorruptLogException(file, at, String.valueOf(e.getMessage()));
            }
        }
    }
}

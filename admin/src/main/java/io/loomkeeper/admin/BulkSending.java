package io.loomkeeper.admin;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends bytes whose number is said before, so that whoever gets fewer knows. Whoever takes none for
 * a while is cut off: what is being sent may hold on to a state of long ago.
 */
final class BulkSending {
    private static final int PIECE_BYTES = 1 << 16;

    private BulkSending() {}

    static void send(ServerResponse response, Command.Bulk bulk, int idleMs) {
        try (bulk) {
            response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
            response.header(HeaderNames.CACHE_CONTROL, "no-store");
            response.contentLength(bulk.bytes());
            write(response, bulk, idleMs);
        }
    }

    private static void write(ServerResponse response, Command.Bulk bulk, int idleMs) {
        try (Counted out = new Counted(response.outputStream());
                Patience _ = Patience.with(out.bytes::get, idleMs)) {
            bulk.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts what has gone, in small pieces. */
    private static final class Counted extends FilterOutputStream {
        private final AtomicLong bytes = new AtomicLong();

        Counted(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            int end = offset + length;
            for (int at = offset; at < end; at += PIECE_BYTES) {
                int piece = Math.min(PIECE_BYTES, end - at);
                out.write(source, at, piece);
                bytes.addAndGet(piece);
            }
        }
    }
}

package io.loomkeeper.server;

import io.loomkeeper.log.TxnLog;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import org.agrona.DirectBuffer;

/** The journal of a server that stands alone: it appends, and nobody asks for more. */
record LogJournal(TxnLog log) implements Journal {
    @Override
    public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
        return log.append(zxid, txn, offset, length);
    }

    @Override
    public long lastAppended() {
        return log.lastAppended();
    }

    @Override
    public void truncate(long zxid) {
        throw new UnsupportedOperationException("nobody leads a server that stands alone");
    }

    @Override
    public void install(Image image) {
        throw new UnsupportedOperationException("nobody leads a server that stands alone");
    }

    @Override
    public void locate(long link, long zxid) {
        throw new UnsupportedOperationException("a server that stands alone has no learners");
    }
}

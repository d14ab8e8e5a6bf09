package io.loomkeeper.server;

import io.loomkeeper.log.TxnLog;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import org.agrona.DirectBuffer;

/** The transaction log as the journal of an ensemble of one, whose history is never changed. */
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
        throw new UnsupportedOperationException("an ensemble of one truncates nothing");
    }

    @Override
    public void install(Image image) {
        throw new UnsupportedOperationException("an ensemble of one installs nothing");
    }

    @Override
    public void locate(long link, long zxid) {
        throw new UnsupportedOperationException("an ensemble of one has no learners");
    }
}

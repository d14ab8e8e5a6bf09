package io.loomkeeper.server;

import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import org.agrona.DirectBuffer;

/** A member's journal, with an eye on when each transaction that it takes was made. */
record TimedJournal(Journal journal, EnsembleMeter meter) implements Journal {
    @Override
    public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
        if (!journal.append(zxid, txn, offset, length)) {
            return false;
        }
        meter.onAppended(zxid, TxnCodec.timeMs(txn, offset, length));
        return true;
    }

    @Override
    public long lastAppended() {
        return journal.lastAppended();
    }

    @Override
    public void truncate(long zxid) {
        journal.truncate(zxid);
    }

    @Override
    public void install(Image image) {
        journal.install(image);
    }

    @Override
    public void locate(long link, long zxid) {
        journal.locate(link, zxid);
    }
}

package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.net.wire.TreeImage;
import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnFormatException;
import io.loomkeeper.zab.Image;
import io.loomkeeper.zab.Journal;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/** A journal that holds no more than its last transaction, and is durable when a test says so. */
final class MemoryJournal implements Journal {
    long last;
    boolean full;
    @Nullable TreeVersion installed;
    private final ExpandableArrayBuffer lastTxn = new ExpandableArrayBuffer();
    private int lastTxnBytes;

    LoggedTxn lastTxn() throws TxnFormatException {
        return TxnCodec.decode(lastTxn, 0, lastTxnBytes);
    }

    @Override
    public boolean append(long zxid, DirectBuffer txn, int offset, int length) {
        if (full) {
            return false;
        }
        assertTrue(zxid > last);
        last = zxid;
        lastTxn.putBytes(0, txn, offset, length);
        lastTxnBytes = length;
        return true;
    }

    @Override
    public long lastAppended() {
        return last;
    }

    @Override
    public void truncate(long zxid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void install(Image image) {
        installed = ((TreeImage) image).version();
        last = installed.zxid();
    }

    @Override
    public void locate(long link, long zxid) {
        throw new UnsupportedOperationException();
    }
}

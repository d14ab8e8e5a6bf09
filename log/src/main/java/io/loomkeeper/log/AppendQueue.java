package io.loomkeeper.log;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The records on their way from the one appending thread to the syncer, in order, bounded in bytes.
 * A record lies in the ring as it will lie in the file, with room for its header; one that is too
 * long for the ring goes through a second queue, and a message without content keeps its turn in
 * the ring.
 */
final class AppendQueue {
    private static final int RECORD = 1;
    private static final int LONG_RECORD = 2;
    private static final int SEGMENT_END = 3;
    private static final int LONG_RECORDS_MAX = 64;
    private static final long PARK_NS_MAX = 100_000_000L;

    private final OneToOneRingBuffer ring;
    private final OneToOneConcurrentArrayQueue<MutableDirectBuffer> longRecords =
            new OneToOneConcurrentArrayQueue<>(LONG_RECORDS_MAX);
    private final AtomicLong longBytes = new AtomicLong();
    private final MessageHandler onMessage;
    private volatile boolean parked;

    /** Receives what was put in, in order. */
    interface Handler {
        /**
         * Receives one record: its zxid and payload are in place, its header is not complete.
         *
         * @param length of header and payload, in bytes
         */
        void onRecord(MutableDirectBuffer record, int offset, int length);

        /** Receives the wish that the next record begins a new segment. */
        void onSegmentEnd();
    }

    AppendQueue(int ringBytes, Handler handler) {
        this.ring =
                new OneToOneRingBuffer(
                        new UnsafeBuffer(
                                ByteBuffer.allocateDirect(
                                        ringBytes + RingBufferDescriptor.TRAILER_LENGTH)));
        this.onMessage =
                (type, buffer, index, length) -> {
                    switch (type) {
                        case RECORD -> handler.onRecord(buffer, index, length);
                        case LONG_RECORD -> takeLongRecord(handler);
                        case SEGMENT_END -> handler.onSegmentEnd();
                        default -> throw new IllegalStateException("message type " + type);
                    }
                };
    }

    /**
     * Copies a transaction in. Appending thread only.
     *
     * @return false when there is no room: nothing was taken
     */
    boolean offer(long zxid, DirectBuffer txn, int offset, int length) {
        txn.boundsCheck(offset, length);
        int recordBytes = RecordLayout.HEADER_BYTES + length;
        if (recordBytes > ring.maxMsgLength()) {
            return offerLong(zxid, txn, offset, length);
        }
        int index = ring.tryClaim(RECORD, recordBytes);
        if (index < 0) {
            return false;
        }
        AtomicBuffer buffer = ring.buffer();
        RecordLayout.zxid(buffer, index, zxid);
        buffer.putBytes(index + RecordLayout.HEADER_BYTES, txn, offset, length);
        ring.commit(index);
        return true;
    }

    private boolean offerLong(long zxid, DirectBuffer txn, int offset, int length) {
        long waiting = longBytes.get();
        boolean full = waiting > 0 && waiting + length > ring.capacity();
        if (full || longRecords.remainingCapacity() == 0) {
            return false;
        }
        int turn = ring.tryClaim(LONG_RECORD, 0);
        if (turn < 0) {
            return false;
        }
        MutableDirectBuffer record =
                new UnsafeBuffer(ByteBuffer.allocateDirect(RecordLayout.HEADER_BYTES + length));
        RecordLayout.zxid(record, 0, zxid);
        record.putBytes(RecordLayout.HEADER_BYTES, txn, offset, length);
        longBytes.addAndGet(record.capacity());
        longRecords.add(record);
        ring.commit(turn);
        return true;
    }

    /**
     * Asks that the next record begins a new segment. Appending thread only.
     *
     * @return false when there is no room
     */
    boolean offerSegmentEnd() {
        int turn = ring.tryClaim(SEGMENT_END, 0);
        if (turn < 0) {
            return false;
        }
        ring.commit(turn);
        return true;
    }

    private void takeLongRecord(Handler handler) {
        MutableDirectBuffer record = longRecords.remove();
        longBytes.addAndGet(-record.capacity());
        handler.onRecord(record, 0, record.capacity());
    }

    /**
     * Takes out some of what is there. Syncer only.
     *
     * @return how many messages; 0 only when nothing is there
     */
    int drain() {
        int n = ring.read(onMessage);
        // a read that only passes the unused bytes before the ring's end returns 0
        return n > 0 ? n : ring.read(onMessage);
    }

    boolean isEmpty() {
        return ring.size() == 0;
    }

    /** Wakes the syncer if it is parked. Any thread. */
    void wake(@Nullable Thread syncer) {
        // the store that made something to do must be seen before the flag is read: await does the
        // reverse
        VarHandle.fullFence();
        if (parked && syncer != null) {
            LockSupport.unpark(syncer);
        }
    }

    /** Waits until there may be something to do. Syncer only. */
    void await(BooleanSupplier somethingElse) {
        parked = true;
        VarHandle.fullFence();
        if (isEmpty() && !somethingElse.getAsBoolean()) {
            LockSupport.parkNanos(this, PARK_NS_MAX);
        }
        parked = false;
    }
}

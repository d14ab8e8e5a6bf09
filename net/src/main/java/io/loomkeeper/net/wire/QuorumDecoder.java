package io.loomkeeper.net.wire;

import io.loomkeeper.net.wire.QuorumCodec.Sender;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.zab.Message;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of the bytes that one end of a quorum link writes, however they are cut (layout:
 * {@link QuorumCodec}).
 *
 * <p>Holds no more than twice what has arrived and is not consumed. After a MalformedException it
 * is of no further use. One thread; a message refers to nothing that is written again.
 */
public final class QuorumDecoder {
    /** No client has as many identities as these bytes hold. */
    private static final int AUTHINFO_BYTES_MAX = 1 << 20;

    private static final int TYPE_AT = 0;
    private static final int ZXID_AT = TYPE_AT + Integer.BYTES;
    private static final int LENGTH_AT = ZXID_AT + Long.BYTES;
    private static final int DATA_AT = LENGTH_AT + Integer.BYTES;
    private static final int INCOMPLETE = -1;

    private final Sender sender;
    private final TreeOptions options;
    private final InboundBytes bytes = new InboundBytes();
    private final JuteInput data = new JuteInput();
    private final JuteInput authinfo = new JuteInput();
    private int dataBytesMax;
    private TreeImage.@Nullable Reader image;
    private boolean isOfApache;

    /**
     * @param sender whose bytes these are
     * @param options for the trees that come as images
     * @param dataBytesMax the most that the data of a packet may take, and its identities
     */
    public QuorumDecoder(Sender sender, TreeOptions options, int dataBytesMax) {
        this.sender = sender;
        this.options = options;
        this.dataBytesMax = dataBytesMax;
    }

    /** Sets another bound for the packets to come, as when the sender has said who it is. */
    public void dataBytesMax(int newDataBytesMax) {
        dataBytesMax = newDataBytesMax;
    }

    /** Takes bytes that have arrived, by copying them. */
    public void receive(DirectBuffer source, int offset, int length) {
        bytes.append(source, offset, length);
    }

    /** Bytes that have arrived and are not part of any message yet. */
    public int pendingBytes() {
        return bytes.available();
    }

    /** Whether an image has begun and is not all there. */
    public boolean isInImage() {
        return image != null;
    }

    /**
     * The next message, or null when it is not all there yet.
     *
     * @throws MalformedException when the sender writes no such thing
     */
    public @Nullable Message next() throws MalformedException {
        return image == null ? nextPacket() : nextImage(image);
    }

    private @Nullable Message nextPacket() throws MalformedException {
        int available = bytes.available();
        if (available < DATA_AT) {
            return null;
        }
        DirectBuffer buffer = bytes.buffer();
        int start = bytes.start();
        int type = checkedType(buffer.getInt(start + TYPE_AT, ByteOrder.BIG_ENDIAN));
        int dataLength = checkedLength(buffer.getInt(start + LENGTH_AT, ByteOrder.BIG_ENDIAN));
        int authinfoLength =
                authinfoLength(start + DATA_AT + dataLength, available - DATA_AT - dataLength);
        if (authinfoLength == INCOMPLETE) {
            return null;
        }
        long zxid = buffer.getLong(start + ZXID_AT, ByteOrder.BIG_ENDIAN);
        bytes.consume(DATA_AT + dataLength + authinfoLength);
        if (type == QuorumCodec.SNAP) {
            TreeImage.Reader begun = new TreeImage.Reader(zxid, options);
            image = begun;
            return nextImage(begun);
        }
        data.wrap(buffer, start + DATA_AT, dataLength);
        authinfo.wrap(buffer, start + DATA_AT + dataLength, authinfoLength);
        Message message = QuorumCodec.decode(sender, type, zxid, data, authinfo);
        isOfApache = message instanceof Message.LeaderInfo info ? !info.isOurs() : isOfApache;
        return message;
    }

    private int checkedType(int type) throws MalformedException {
        if (!QuorumCodec.isSentBy(sender, type)) {
            throw new MalformedException("packet of type " + type + " from a " + sender);
        }
        return type;
    }

    private int checkedLength(int length) throws MalformedException {
        if (length < -1 || length > dataBytesMax) {
            throw new MalformedException("packet with " + length + " bytes of data");
        }
        return Math.max(0, length);
    }

    /** The length of the identities at {@code offset}, INCOMPLETE when they are not all there. */
    private int authinfoLength(int offset, int available) throws MalformedException {
        if (available < Integer.BYTES) {
            return INCOMPLETE;
        }
        DirectBuffer buffer = bytes.buffer();
        int strings = 2 * Math.max(0, checkedAuthinfo(buffer.getInt(offset, ByteOrder.BIG_ENDIAN)));
        int length = Integer.BYTES;
        for (int i = 0; i < strings; i++) {
            if (available - length < Integer.BYTES) {
                return INCOMPLETE;
            }
            int text = checkedAuthinfo(buffer.getInt(offset + length, ByteOrder.BIG_ENDIAN));
            length += checkedAuthinfo(Integer.BYTES + Math.max(0, text));
            checkedAuthinfo(length);
        }
        return length <= available ? length : INCOMPLETE;
    }

    private int checkedAuthinfo(int length) throws MalformedException {
        if (length < -1 || length > Math.min(AUTHINFO_BYTES_MAX, dataBytesMax)) {
            throw new MalformedException("packet with identities of length " + length);
        }
        return length;
    }

    private @Nullable Message nextImage(TreeImage.Reader reader) throws MalformedException {
        bytes.consume(reader.read(bytes.buffer(), bytes.start(), bytes.available()));
        TreeImage complete = reader.complete();
        if (complete == null) {
            return null;
        }
        image = null;
        return new Message.Snap(complete.zxid(), isOfApache ? complete.recounted() : complete);
    }
}

package io.loomkeeper.net.wire;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a server says first when it has connected to another's election port; there is no answer
 * (protocol 16.1).
 *
 * <pre>
 *   BARE          long sid, not negative                                            to 3.4
 *   ONE_ADDRESS   long -65536 | long sid | int n, 1 to 2048 | n bytes host:port      3.5 on
 *   ADDRESSES     long -65535 | long sid | int n, 1 to 2048 | n bytes h1:p1|h2:p2…   multiAddress
 * </pre>
 *
 * @param addresses of the sender's election port, none in the bare form
 */
public record ElectionHello(Form form, long sid, List<HostPort> addresses) {
    private static final long ONE_ADDRESS_CODE = -65536;
    private static final long ADDRESSES_CODE = -65535;
    private static final int TEXT_BYTES_MAX = 2048;
    private static final int LENGTH_AT = 2 * Long.BYTES;
    private static final int TEXT_AT = LENGTH_AT + Integer.BYTES;

    /** Which of the three it is. */
    public enum Form {
        BARE,
        ONE_ADDRESS,
        ADDRESSES
    }

    public ElectionHello {
        addresses = List.copyOf(addresses);
    }

    /** Appends it. */
    public void encode(JuteOutput out) {
        switch (form) {
            case BARE -> out.writeLong(sid);
            case ONE_ADDRESS -> encode(ONE_ADDRESS_CODE, out);
            case ADDRESSES -> encode(ADDRESSES_CODE, out);
        }
    }

    private void encode(long code, JuteOutput out) {
        out.writeLong(code);
        out.writeLong(sid);
        out.writeString(
                addresses.stream().map(HostPort::toString).collect(Collectors.joining("|")));
    }

    /** The length of the one at {@code offset}; null when that is not all there yet. */
    static @Nullable Integer lengthAt(DirectBuffer buffer, int offset, int available)
            throws MalformedException {
        if (available < Long.BYTES) {
            return null;
        }
        long code = buffer.getLong(offset, ByteOrder.BIG_ENDIAN);
        if (code >= 0) {
            return Long.BYTES;
        }
        if (code != ONE_ADDRESS_CODE && code != ADDRESSES_CODE) {
            throw new MalformedException("hello in form " + code);
        }
        if (available < TEXT_AT) {
            return null;
        }
        int text = buffer.getInt(offset + LENGTH_AT, ByteOrder.BIG_ENDIAN);
        if (text < 1 || text > TEXT_BYTES_MAX) {
            throw new MalformedException("hello with an address of " + text + " bytes");
        }
        return available < TEXT_AT + text ? null : TEXT_AT + text;
    }

    /** Decodes {@code length} bytes, as {@link #lengthAt} found them. */
    static ElectionHello decode(DirectBuffer buffer, int offset, int length)
            throws MalformedException {
        long code = buffer.getLong(offset, ByteOrder.BIG_ENDIAN);
        if (code >= 0) {
            return new ElectionHello(Form.BARE, code, List.of());
        }
        byte[] utf8 = new byte[length - TEXT_AT];
        buffer.getBytes(offset + TEXT_AT, utf8);
        String text = new String(utf8, StandardCharsets.UTF_8);
        Form form = code == ADDRESSES_CODE ? Form.ADDRESSES : Form.ONE_ADDRESS;
        long sid = buffer.getLong(offset + Long.BYTES, ByteOrder.BIG_ENDIAN);
        return new ElectionHello(form, sid, parse(text));
    }

    private static List<HostPort> parse(String text) throws MalformedException {
        List<HostPort> addresses = new ArrayList<>();
        for (String address : text.split("\\|", -1)) {
            addresses.add(HostPort.parse(address));
        }
        return addresses;
    }
}

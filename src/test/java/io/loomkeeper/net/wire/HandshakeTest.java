package io.loomkeeper.net.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomkeeper.net.wire.Handshake.ConnectRequest;
import io.loomkeeper.net.wire.Handshake.ConnectResponse;
import io.loomkeeper.tree.Bytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final Bytes PASSWD =
            Bytes.of(HexFormat.of().parseHex("0102030405060708090a0b0c0d0e0f10"));
    private static final byte[] CONNECT = Objects.requireNonNull(Golden.frames().get("connect"));
    private static final byte[] CONNECTED =
            Objects.requireNonNull(Golden.frames().get("connected"));

    @Test
    void requestWithFlagHas45Bytes() throws MalformedException {
        ConnectRequest request = new ConnectRequest(0x1122, 10_000, 0x55, PASSWD, true);
        assertArrayEquals(CONNECT, encode(request));
        assertEquals(4 + 45, CONNECT.length);
        assertEquals(request, Handshake.decodeRequest(Golden.payload(CONNECT)));
    }

    @Test
    void requestWithoutFlagHas44Bytes() throws MalformedException {
        ConnectRequest request = new ConnectRequest(0x1122, 10_000, 0x55, PASSWD, null);
        byte[] frame = encode(request);
        assertEquals(4 + 44, frame.length);
        assertEquals(request, Handshake.decodeRequest(Golden.payload(frame)));
    }

    @Test
    void requestForANewSessionMayHaveNoPassword() throws MalformedException {
        for (Bytes passwd : new Bytes[] {null, Bytes.EMPTY}) {
            ConnectRequest request = new ConnectRequest(0, 4000, 0, passwd, false);
            assertEquals(request, Handshake.decodeRequest(Golden.payload(encode(request))));
        }
    }

    @Test
    void responseHas37BytesOnlyWhenTheRequestHadTheFlag() throws MalformedException {
        ConnectResponse with = new ConnectResponse(10_000, 0x55, PASSWD, false);
        ConnectResponse without = new ConnectResponse(10_000, 0x55, PASSWD, null);
        assertArrayEquals(CONNECTED, encode(with));
        assertEquals(4 + 37, encode(with).length);
        assertEquals(4 + 36, encode(without).length);
        assertEquals(with, Handshake.decodeResponse(Golden.payload(encode(with))));
        assertEquals(without, Handshake.decodeResponse(Golden.payload(encode(without))));
    }

    @Test
    void invalidResponseHasNoTimeoutNoIdAndAZeroPassword() {
        byte[] frame = encode(ConnectResponse.invalid(null));
        byte[] expected = new byte[4 + 36];
        expected[3] = 36;
        expected[4 + 19] = 16;
        assertArrayEquals(expected, frame);
    }

    @Test
    void requestCutAnywhereBeforeTheFlagIsMalformed() {
        for (int length = 4; length < CONNECT.length - 1; length++) {
            byte[] cut = Arrays.copyOf(CONNECT, length);
            assertThrows(
                    MalformedException.class, () -> Handshake.decodeRequest(Golden.payload(cut)));
        }
    }

    private static byte[] encode(ConnectRequest request) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        Handshake.encodeRequest(request, out);
        return Golden.bytes(out);
    }

    private static byte[] encode(ConnectResponse response) {
        JuteOutput out = new JuteOutput(new ExpandableArrayBuffer());
        Handshake.encodeResponse(response, out);
        return Golden.bytes(out);
    }
}

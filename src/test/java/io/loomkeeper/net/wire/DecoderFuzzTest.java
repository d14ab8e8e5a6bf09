package io.loomkeeper.net.wire;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.loomkeeper.Fuzz;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class DecoderFuzzTest {
    private static final int ROUNDS = 200_000;
    private static final int ROUNDS_PER_OPERATION = 20_000;

    /** A string of one letter has five bytes and becomes two objects in a list. */
    private static final int COST_PER_BYTE = 64;

    private static final int COST_IN_ANY_CASE = 2_000;
    private static final int BODY_AT = 4 + RequestCodec.HEADER_BYTES;

    /** A decoder that is given some bytes as a body. */
    private interface Decoder {
        Object decode(JuteInput in) throws MalformedException;
    }

    @Test
    void randomBytesAreDecodedOrMalformedAndNothingElse() {
        SplittableRandom random = new SplittableRandom(20260701);
        List<Decoder> decoders = decoders();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            // small numbers are what lengths and counts look like
            for (int i = 0; i + 3 < bytes.length; i += 4) {
                if (random.nextInt(3) > 0) {
                    bytes[i] = bytes[i + 1] = bytes[i + 2] = 0;
                    bytes[i + 3] &= 15;
                }
            }
            feed(decoders.get(random.nextInt(decoders.size())), bytes, bytes.length, round);
        }
    }

    @Test
    void damagedFramesAreDecodedOrMalformedAndNothingElse() {
        SplittableRandom random = new SplittableRandom(7);
        List<byte[]> frames = new ArrayList<>(Golden.frames().values());
        List<Decoder> decoders = decoders();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] frame = frames.get(random.nextInt(frames.size()));
            byte[] body = Arrays.copyOfRange(frame, Math.min(BODY_AT, frame.length), frame.length);
            int flips = random.nextInt(4);
            for (int i = 0; i < flips && body.length > 0; i++) {
                body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Decoder decoder = decoders.get(random.nextInt(decoders.size()));
            feed(decoder, body, random.nextInt(body.length + 1), round);
        }
    }

    @Test
    void damagedBodyOfEachRequestCostsNoMoreThanItsBytes() throws MalformedException {
        SplittableRandom random = new SplittableRandom(20260702);
        for (Golden.Asked asked : Golden.requests().values()) {
            Op op = RequestCodec.opOf(asked.request());
            byte[] frame = Golden.encode(asked);
            byte[] body = Arrays.copyOfRange(frame, BODY_AT, frame.length);
            check(body, random, in -> RequestCodec.decode(op, in));
        }
    }

    @Test
    void damagedBodyOfEachReplyCostsNoMoreThanItsBytes() {
        SplittableRandom random = new SplittableRandom(20260703);
        for (Golden.Told told : Golden.replies().values()) {
            byte[] frame = Golden.encode(told);
            byte[] payload = Arrays.copyOfRange(frame, 4, frame.length);
            check(
                    payload,
                    random,
                    in -> {
                        ResponseCodec.decodeHeader(in);
                        return ResponseCodec.decodeBody(told.op(), in);
                    });
        }
    }

    @Test
    void damagedHandshakeCostsNoMoreThanItsBytes() {
        SplittableRandom random = new SplittableRandom(20260704);
        Map<String, byte[]> frames = Golden.frames();
        byte[] request = requireNonNull(frames.get("connect"));
        byte[] response = requireNonNull(frames.get("connected"));
        check(Arrays.copyOfRange(request, 4, request.length), random, Handshake::decodeRequest);
        check(Arrays.copyOfRange(response, 4, response.length), random, Handshake::decodeResponse);
    }

    private static void check(byte[] sound, SplittableRandom random, Decoder decoder) {
        for (int round = 0; round < ROUNDS_PER_OPERATION; round++) {
            byte[] bytes = Fuzz.damaged(sound, random);
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            Fuzz.isRefusedWithin(
                    COST_IN_ANY_CASE,
                    COST_PER_BYTE,
                    bytes,
                    MalformedException.class,
                    () -> decoder.decode(new JuteInput().wrap(buffer, 0, bytes.length)));
        }
    }

    @Test
    void everyRequestCutShortIsMalformed() throws MalformedException {
        for (Map.Entry<String, Golden.Asked> entry : Golden.requests().entrySet()) {
            byte[] frame = Golden.encode(entry.getValue());
            Op op = RequestCodec.opOf(entry.getValue().request());
            for (int end = BODY_AT; end < frame.length; end++) {
                JuteInput in =
                        new JuteInput().wrap(new UnsafeBuffer(frame), BODY_AT, end - BODY_AT);
                if (entry.getValue().request() instanceof Request.Write) {
                    assertEquals(
                            new Request.Malformed(KeeperError.MARSHALLING_ERROR),
                            RequestCodec.decode(op, in),
                            entry.getKey());
                } else {
                    assertThrows(MalformedException.class, () -> RequestCodec.decode(op, in));
                }
            }
        }
    }

    @Test
    void bytesAfterTheLastFieldAreIgnored() throws MalformedException {
        for (Map.Entry<String, Golden.Asked> entry : Golden.requests().entrySet()) {
            byte[] frame = Golden.encode(entry.getValue());
            byte[] longer = Arrays.copyOf(frame, frame.length + 9);
            assertEquals(entry.getValue(), Golden.decodeRequest(longer), entry.getKey());
        }
    }

    @Test
    void opsThatDoNotBelongInAMultiMakeItMalformed() throws MalformedException {
        Request.Malformed malformed = new Request.Malformed(KeeperError.MARSHALLING_ERROR);
        assertEquals(malformed, decodeMultiOf(new Request.GetData("/a", false)));
        assertEquals(malformed, decodeMultiOf(new Request.Multi(List.of())));
        assertEquals(malformed, decodeMultiOf(new Request.SetAcl("/a", List.of(), 1)));
        assertEquals(malformed, decodeMultiOf(new Request.Sync("/a")));
        assertEquals(malformed, decodeMultiOf(new Request.CloseSession()));
    }

    @Test
    void opsThatDoNotBelongInAMultiReadMakeItMalformed() {
        for (Request op :
                List.of(
                        new Request.Delete("/a", 1),
                        new Request.Exists("/a", false),
                        new Request.GetChildren("/a", false, true))) {
            JuteInput in = multiBodyOf(op);
            assertThrows(MalformedException.class, () -> RequestCodec.decode(Op.MULTI_READ, in));
        }
    }

    @Test
    void decodingAllocatesInProportionToTheBytesThatAreThere() {
        byte[] bytes = new byte[64];
        Arrays.fill(bytes, (byte) 0x7f);
        List<Decoder> decoders = decoders();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int shift = 0; shift < 16; shift++) {
            for (Decoder decoder : decoders) {
                feed(decoder, bytes, bytes.length, shift);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (Decoder decoder : decoders) {
                feed(decoder, bytes, bytes.length, shift);
            }
            long perDecoder = (threads.getCurrentThreadAllocatedBytes() - before) / decoders.size();
            assertTrue(perDecoder < 4096, "allocated " + perDecoder + " bytes");
            bytes[shift] = 0;
        }
    }

    private static Request decodeMultiOf(Request op) throws MalformedException {
        return RequestCodec.decode(Op.MULTI, multiBodyOf(op));
    }

    private static JuteInput multiBodyOf(Request op) {
        byte[] frame = Golden.encode(new Golden.Asked(1, op));
        byte[] body = new byte[9 + frame.length - BODY_AT + 9];
        UnsafeBuffer buffer = new UnsafeBuffer(body);
        buffer.putBytes(0, frame, 8, 4);
        buffer.putBytes(9, frame, BODY_AT, frame.length - BODY_AT);
        buffer.putByte(body.length - 5, (byte) 1);
        return new JuteInput().wrap(buffer, 0, body.length);
    }

    private static List<Decoder> decoders() {
        List<Decoder> decoders = new ArrayList<>();
        for (Op op : Op.values()) {
            decoders.add(in -> RequestCodec.decode(op, in));
            decoders.add(in -> ResponseCodec.decodeBody(op, in));
        }
        decoders.add(Handshake::decodeRequest);
        decoders.add(Handshake::decodeResponse);
        decoders.add(ResponseCodec::decodeHeader);
        decoders.add(ResponseCodec::decodeEvent);
        return decoders;
    }

    private static void feed(Decoder decoder, byte[] bytes, int length, int round) {
        JuteInput in = new JuteInput().wrap(new UnsafeBuffer(bytes), 0, length);
        try {
            decoder.decode(in);
        } catch (MalformedException _) {
            assertTrue(in.remaining() >= 0);
        } catch (RuntimeException e) {
            fail("round " + round + ": " + Arrays.toString(bytes), e);
        }
    }
}

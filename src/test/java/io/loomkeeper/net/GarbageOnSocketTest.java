package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.Fuzz;
import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class GarbageOnSocketTest {
    private static final int ROUNDS = 3000;
    private static final List<Op> OPS = List.of(Op.values());
    private static final List<byte[]> WORDS =
            List.of(
                    "ruok".getBytes(StandardCharsets.US_ASCII),
                    "stmk\0\0\0\0\0\0\0\1".getBytes(StandardCharsets.US_ASCII));
    private static final List<byte[]> GOOD =
            List.of(
                    TestClient.frame(1, new Request.SetData("/number", Bytes.EMPTY, -1)),
                    TestClient.frame(2, new Request.Exists("/number", false)),
                    TestClient.frame(3, new Request.GetData("/long/100", true)),
                    TestClient.frame(4, new Request.Multi(List.of(new Request.Delete("/a", 1)))),
                    TestClient.frame(5, new Request.GetChildren("/number", false, true)),
                    TestClient.frame(-4, new Request.Auth(0, "digest", Bytes.utf8("u:p"))),
                    TestClient.frame(-2, new Request.Ping()));

    @Test
    void garbageHurtsNobodyButItsSender()
            throws IOException, MalformedException, InterruptedException {
        TinyServer server = new TinyServer();
        try (TestClient witness = server.client().connect()) {
            for (int round = 0; round < ROUNDS; round++) {
                SplittableRandom random = new SplittableRandom(round);
                try (TestClient client = server.client()) {
                    if (random.nextInt(3) > 0) {
                        client.connect();
                    }
                    sendGarbage(client, random);
                }
                if (round % 100 == 0) {
                    witness.send(round, new Request.Exists("/number", false));
                    assertEquals(round, witness.header().xid());
                }
            }
            Await.until("only the witness is left", () -> server.connections.count() == 1);
            Await.until("nothing is in flight", () -> server.connections.outstanding() == 0);
        }
        server.stop();
        assertEquals(List.of(), server.fatal);
    }

    private static void sendGarbage(TestClient client, SplittableRandom random) {
        try {
            for (int i = random.nextInt(6); i >= 0; i--) {
                client.send(garbage(random));
            }
            if (random.nextBoolean()) {
                client.endOutput();
                client.rest();
            }
        } catch (IOException _) {
            // cut off, as it deserves
        }
    }

    private static byte[] garbage(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(3000)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case 1 -> {
                byte[] body = new byte[random.nextInt(100)];
                random.nextBytes(body);
                Op op = OPS.get(random.nextInt(OPS.size()));
                yield ByteBuffer.allocate(12 + body.length)
                        .putInt(8 + body.length)
                        .putInt(random.nextInt(5))
                        .putInt(op.code())
                        .put(body)
                        .array();
            }
            case 2 -> {
                byte[] frame = GOOD.get(random.nextInt(GOOD.size())).clone();
                frame[random.nextInt(4, frame.length)] ^= (byte) (1 << random.nextInt(8));
                yield frame;
            }
            case 3 -> Fuzz.damaged(TestClient.connectFrame(), random);
            case 4 -> Fuzz.damaged(WORDS.get(random.nextInt(WORDS.size())), random);
            default -> GOOD.get(random.nextInt(GOOD.size()));
        };
    }
}

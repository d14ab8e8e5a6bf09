package io.loomkeeper.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.conformance.Comparison.Difference;
import io.loomkeeper.conformance.Side.Frames;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;

/** The comparison must see a difference of a single bit, wherever it stands. */
class ComparisonTest {
    private static final long CLOCK_SLACK_MS = 600_000;

    private final List<Step> script = script();
    private final List<Frames> frames = new ArrayList<>();
    private final ServerUnderTest server;

    ComparisonTest(@TempDir Path directory) {
        server = ServerUnderTest.start(ServerCommand.apache(), directory, Map.of(), Map.of());
    }

    @BeforeEach
    void playAgainstApache() {
        try (Side side = new Side(server.port())) {
            script.forEach(step -> frames.add(side.perform(step)));
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aServerIsLikeItself() {
        assertNull(compare(frames));
    }

    @Test
    void everyMutatedByteIsCaughtButForTheClock() {
        int mutants = 0;
        for (int step = 0; step < frames.size(); step++) {
            for (int client : frames.get(step).byClient().keySet()) {
                List<byte[]> all = frames.get(step).of(client);
                for (int frame = 0; frame < all.size(); frame++) {
                    for (int at = 0; at < all.get(frame).length; at++) {
                        List<Frames> mutated = mutate(step, client, frame, at);
                        mutants++;
                        if (compare(mutated) == null) {
                            assertTrue(isOfATime(all.get(frame), at), "step " + step + " byte " + at);
                        }
                    }
                }
            }
        }
        assertTrue(mutants > 1_000, "mutants: " + mutants);
    }

    @Test
    void aLostEventIsCaught() {
        List<Frames> mutated = new ArrayList<>(frames);
        Map<Integer, List<byte[]>> byClient = new TreeMap<>(frames.getLast().byClient());
        List<byte[]> kept =
                byClient.get(2).stream().filter(frame -> !Side.isNotification(frame)).toList();
        assertEquals(byClient.put(2, kept).size() - 1, kept.size());
        mutated.set(frames.size() - 1, new Frames(byClient));

        assertTrue(compare(mutated) != null);
    }

    private @Nullable Difference compare(List<Frames> others) {
        Comparison comparison = new Comparison(false);
        for (int i = 0; i < script.size(); i++) {
            Difference difference = comparison.compare(script.get(i), frames.get(i), others.get(i));
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    private List<Frames> mutate(int step, int client, int frame, int at) {
        byte[] mutant = frames.get(step).of(client).get(frame).clone();
        mutant[at] ^= 1;
        List<byte[]> changed = new ArrayList<>(frames.get(step).of(client));
        changed.set(frame, mutant);
        Map<Integer, List<byte[]>> byClient = new TreeMap<>(frames.get(step).byClient());
        byClient.put(client, changed);
        List<Frames> all = new ArrayList<>(frames);
        all.set(step, new Frames(byClient));
        return all;
    }

    private static boolean isOfATime(byte[] frame, int at) {
        long now = System.currentTimeMillis();
        for (int from = Math.max(0, at - 7); from <= at && from + 8 <= frame.length; from++) {
            if (Math.abs(now - ByteBuffer.wrap(frame).getLong(from)) < CLOCK_SLACK_MS) {
                return true;
            }
        }
        return false;
    }

    private static List<Step> script() {
        Requests requests = new Requests(new Vocabulary(new java.util.Random(1)));
        return List.of(
                new Step.Open(1, 10_000, true),
                new Step.Open(2, 10_000, false),
                new Step.Batch(1, List.of(requests.create("/a"), requests.create("/a/b"))),
                batch(2, 4, "getData", new FrameOut().text("/a").bool(true)),
                batch(2, 12, "getChildren2", new FrameOut().text("/").bool(false)),
                batch(2, 6, "getACL", new FrameOut().text("/a")),
                batch(2, 3, "exists", new FrameOut().text("/none").bool(false)),
                batch(2, 107, "whoAmI", new FrameOut()),
                batch(1, 5, "setData", new FrameOut().text("/a").buffer(new byte[3]).int4(-1)));
    }

    private static Step batch(int client, int type, String name, FrameOut body) {
        FrameOut whole = new FrameOut().int4(100).int4(type).raw(body.bytes());
        return new Step.Batch(client, List.of(Op.of(type, whole, name)));
    }
}

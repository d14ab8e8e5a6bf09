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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void everyMutatedByteIsCaughtButForClocksAndSessionIds() {
        int mutants = 0;
        for (int step = 0; step < frames.size(); step++) {
            for (int client : frames.get(step).byClient().keySet()) {
                List<byte[]> all = frames.get(step).of(client);
                for (int frame = 0; frame < all.size(); frame++) {
                    mutants += all.get(frame).length;
                    mutateEachByte(step, client, frame);
                }
            }
        }
        assertTrue(mutants > 900, "mutants: " + mutants);
    }

    private void mutateEachByte(int step, int client, int frame) {
        byte[] original = frames.get(step).of(client).get(frame);
        boolean isConnect = script.get(step) instanceof Step.Open && frame == 0;
        for (int at = 0; at < original.length; at++) {
            boolean isFree = (isConnect && at < 16) || isOfATime(original, at);
            if (!isFree) {
                assertTrue(compare(mutate(step, client, frame, at)) != null, step + ":" + at);
            }
        }
    }

    @Test
    void aLostEventIsCaught() {
        List<Frames> mutated = new ArrayList<>(frames);
        Map<Integer, List<byte[]>> byClient = new TreeMap<>(frames.getLast().byClient());
        List<byte[]> kept =
                frames.getLast().of(2).stream()
                        .filter(frame -> !Side.isNotification(frame))
                        .toList();
        assertEquals(frames.getLast().of(2).size() - 1, kept.size());
        byClient.put(2, kept);
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
        return List.of(
                new Step.Open(1, 10_000, true),
                new Step.Open(2, 10_000, false),
                batch(1, 1, "create", create("/a", 0)),
                batch(1, 15, "create2", create("/a/b", 1)),
                batch(2, 4, "getData", new FrameOut().text("/a").bool(true)),
                batch(2, 12, "getChildren2", new FrameOut().text("/").bool(false)),
                batch(2, 6, "getACL", new FrameOut().text("/a")),
                batch(2, 3, "exists", new FrameOut().text("/none").bool(false)),
                batch(2, 107, "whoAmI", new FrameOut()),
                batch(1, 1, "create", create("/t1", 0)),
                batch(1, 1, "create", create("/t2", 0)),
                batch(1, 106, "addWatch", new FrameOut().text("/").int4(1)),
                new Step.Together(
                        List.of(
                                new Step.Batch(1, List.of(change("/t1"), make("/t1/a"))),
                                new Step.Batch(2, List.of(make("/t2/a"), change("/t2"))))),
                batch(1, 5, "setData", setData("/a")));
    }

    private static Op make(String path) {
        return op(15, "create2", create(path, 0));
    }

    private static Op change(String path) {
        return op(5, "setData", setData(path));
    }

    private static FrameOut setData(String path) {
        return new FrameOut().text(path).buffer(new byte[3]).int4(-1);
    }

    private static FrameOut create(String path, int flags) {
        FrameOut out = new FrameOut().text(path).buffer(new byte[] {'x'});
        return out.int4(1).int4(31).text("world").text("anyone").int4(flags);
    }

    private static Step batch(int client, int type, String name, FrameOut body) {
        return new Step.Batch(client, List.of(op(type, name, body)));
    }

    private static Op op(int type, String name, FrameOut body) {
        FrameOut whole = new FrameOut().int4(100).int4(type).raw(body.bytes());
        return Op.of(type, whole, name);
    }
}

package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.Fuzz;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people and strangers write: configuration files, system properties, four-letter words. */
@Timeout(120)
final class ServerFuzzTest {
    private static final int ROUNDS = 4_000;

    private final SplittableRandom random = new SplittableRandom(20260706);

    @Test
    void damagedFilesAreTakenOrRefusedAndNothingElse() throws IOException {
        byte[] sound = everyKeyOfTheSample();
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = Fuzz.damaged(sound, random);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            boolean isRefused =
                    Fuzz.isRefusedWithin(
                            1 << 20, 256, bytes, ConfigException.class, () -> parse(text));
            refused += isRefused ? 1 : 0;
        }
        assertTrue(refused > ROUNDS / 20 && refused < ROUNDS, refused + " refused");
    }

    /** The sample has every key, most of them commented out. */
    private static byte[] everyKeyOfTheSample() throws IOException {
        Path house = Path.of(System.getProperty("loomkeeper.house", "../.."));
        String sample = Files.readString(house.resolve("config/zoo_sample.cfg"));
        return sample.replaceAll("(?m)^#([A-Za-z0-9.]+=)", "$1")
                .replaceAll("(?m)^#.*\n", "")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Config parse(String text) throws IOException, ConfigException {
        return Config.parse("zoo.cfg", new StringReader(text), Map.of());
    }

    @Test
    void damagedSystemPropertiesAreTakenOrRefusedAndNothingElse() throws IOException {
        String[] lines =
                new String(everyKeyOfTheSample(), StandardCharsets.ISO_8859_1).split("\n", -1);
        for (int round = 0; round < ROUNDS; round++) {
            String[] pair = lines[random.nextInt(lines.length)].split("=", 2);
            byte[] value = pair.length < 2 ? new byte[0] : pair[1].getBytes(StandardCharsets.UTF_8);
            byte[] bytes = Fuzz.damaged(value, random);
            String prefix = random.nextBoolean() ? "zookeeper." : "";
            Map<String, String> properties =
                    Map.of(prefix + pair[0], new String(bytes, StandardCharsets.UTF_8));
            Fuzz.isRefused(
                    bytes,
                    ConfigException.class,
                    () ->
                            Config.parse(
                                    "zoo.cfg",
                                    new StringReader("dataDir=d\nclientPort=1\n"),
                                    properties));
        }
    }

    @Test
    void onlyTheKnownOnesAreWordsAndEachIsAnswered() throws IOException, ConfigException {
        String text = "dataDir=d\nclientPort=21811\n4lw.commands.whitelist=*";
        Config config = parse(text);
        FourLetterWords words =
                new FourLetterWords(
                        config, new ServerMetrics(), FixedView.asking(1), "3.9.5", Map.of());
        Set<String> answered = new HashSet<>();
        for (int round = 0; round < 10 * ROUNDS; round++) {
            int first = ByteBuffer.wrap(word()).getInt();
            if (FourLetterWords.isWord(first)) {
                assertFalse(words.answer(first, random.nextLong()).isEmpty());
                answered.add(Integer.toHexString(first));
            }
        }
        assertEquals(FourLetterWords.KNOWN.size(), answered.size());
    }

    /** A known word, whole or nearly. */
    private byte[] word() {
        String[] known = FourLetterWords.KNOWN.toArray(String[]::new);
        byte[] word = known[random.nextInt(known.length)].getBytes(StandardCharsets.US_ASCII);
        if (random.nextInt(4) > 0) {
            word[random.nextInt(word.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return word;
    }
}

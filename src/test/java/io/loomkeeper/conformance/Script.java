package io.loomkeeper.conformance;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Steps as text and back, so that a script that found a difference can be kept and played again.
 *
 * <pre>
 *   open 1 400000 true          client, timeout in ms, whether the request carries the readOnly flag
 *   reopen 1 WRONG_PASSWORD
 *   drop 1
 *   raw 1 ffffffff
 *   batch 1                     requests in one go, up to the next step:
 *     op 3 0000000100000003...  opcode, header and body in hex
 *     op 101 fffffff8... at 8 back 12
 *     op -11 00000002fffffff5 ends
 * </pre>
 *
 * {@code beside 2} instead of {@code batch 2} means at the same time as the batch before it; {@code
 * await 2 3} waits for three events behind the replies. A {@code #} begins a comment; behind an op
 * it says what the op is.
 */
final class Script {
    private Script() {}

    static String print(List<Step> steps) {
        StringBuilder text = new StringBuilder();
        for (Step step : steps) {
            switch (step) {
                case Step.Open(int client, int timeoutMs, boolean flag) ->
                        text.append("open %d %d %b\n".formatted(client, timeoutMs, flag));
                case Step.Reopen(int client, Step.How how) ->
                        text.append("reopen %d %s\n".formatted(client, how));
                case Step.Drop(int client) -> text.append("drop %d\n".formatted(client));
                case Step.Raw(int client, ByteBuffer bytes) ->
                        text.append("raw %d %s\n".formatted(client, hex(bytes)));
                case Step.Await(Step.Batch batch, int events) ->
                        text.append(print("await", " " + events, batch));
                case Step.Batch batch -> text.append(print("batch", "", batch));
                case Step.Together(List<Step.Batch> batches) -> {
                    text.append(print("batch", "", batches.getFirst()));
                    batches.stream().skip(1).forEach(b -> text.append(print("beside", "", b)));
                }
            }
        }
        return text.toString();
    }

    private static String print(String word, String number, Step.Batch batch) {
        StringBuilder text = new StringBuilder(word + " " + batch.client() + number + "\n");
        batch.ops().forEach(op -> text.append(print(op)));
        return text.toString();
    }

    private static String print(Op op) {
        String zxid = op.zxidAt() > 0 ? " at " + op.zxidAt() + " back " + op.zxidBack() : "";
        String ends = op.ends() ? " ends" : "";
        String comment = op.text().replaceAll("[^ -~]", "?");
        return "  op %d %s%s%s  # %s\n".formatted(op.type(), hex(op.frame()), zxid, ends, comment);
    }

    private static String hex(ByteBuffer bytes) {
        byte[] all = new byte[bytes.remaining()];
        bytes.duplicate().get(all);
        return HexFormat.of().formatHex(all);
    }

    /**
     * Reads what {@link #print} wrote.
     *
     * @throws IllegalArgumentException for a line of another form
     */
    static List<Step> parse(List<String> lines) {
        List<Step> steps = new ArrayList<>();
        for (String line : lines) {
            String text = line.replaceFirst("#.*", "").strip();
            if (!text.isEmpty()) {
                String comment = line.replaceFirst("^[^#]*#? *", "");
                parse(List.of(text.split("\\s+")), comment, steps);
            }
        }
        return steps;
    }

    private static void parse(List<String> words, String comment, List<Step> steps) {
        if (words.get(0).equals("op")) {
            steps.getLast().batches().getLast().ops().add(op(words, comment));
            return;
        }
        int client = Integer.parseInt(words.get(1));
        if (words.get(0).equals("beside")) {
            List<Step.Batch> batches = new ArrayList<>(steps.removeLast().batches());
            batches.add(batch(client));
            steps.add(new Step.Together(batches));
            return;
        }
        steps.add(
                switch (words.get(0)) {
                    case "open" ->
                            new Step.Open(
                                    client,
                                    Integer.parseInt(words.get(2)),
                                    Boolean.parseBoolean(words.get(3)));
                    case "reopen" -> new Step.Reopen(client, Step.How.valueOf(words.get(2)));
                    case "await" -> new Step.Await(batch(client), Integer.parseInt(words.get(2)));
                    case "drop" -> new Step.Drop(client);
                    case "raw" -> new Step.Raw(client, bytes(words.get(2)));
                    case "batch" -> batch(client);
                    default -> throw new IllegalArgumentException("not understood: " + words);
                });
    }

    private static Step.Batch batch(int client) {
        return new Step.Batch(client, new ArrayList<>());
    }

    private static Op op(List<String> words, String comment) {
        int at = words.indexOf("at");
        int zxidAt = at < 0 ? 0 : Integer.parseInt(words.get(at + 1));
        int back = at < 0 ? 0 : Integer.parseInt(words.get(at + 3));
        int type = Integer.parseInt(words.get(1));
        boolean ends = words.contains("ends");
        return new Op(type, bytes(words.get(2)), comment, ends, zxidAt, back);
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }
}

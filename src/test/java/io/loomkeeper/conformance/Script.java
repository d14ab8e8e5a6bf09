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
 * A {@code #} begins a comment; behind an op it says what the op is.
 */
final class Script {
    private Script() {}

    static String print(List<Step> steps) {
        StringBuilder text = new StringBuilder();
        for (Step step : steps) {
            text.append(
                    switch (step) {
                        case Step.Open(int client, int timeoutMs, boolean flag) ->
                                "open " + client + " " + timeoutMs + " " + flag;
                        case Step.Reopen(int client, Step.How how) ->
                                "reopen " + client + " " + how;
                        case Step.Drop(int client) -> "drop " + client;
                        case Step.Raw(int client, ByteBuffer bytes) ->
                                "raw " + client + " " + hex(bytes);
                        case Step.Batch(int client, List<Op> _) -> "batch " + client;
                    });
            text.append('\n');
            if (step instanceof Step.Batch(int _, List<Op> ops)) {
                ops.forEach(op -> text.append(print(op)));
            }
        }
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
            ((Step.Batch) steps.getLast()).ops().add(op(words, comment));
            return;
        }
        int client = Integer.parseInt(words.get(1));
        steps.add(
                switch (words.get(0)) {
                    case "open" ->
                            new Step.Open(
                                    client,
                                    Integer.parseInt(words.get(2)),
                                    Boolean.parseBoolean(words.get(3)));
                    case "reopen" -> new Step.Reopen(client, Step.How.valueOf(words.get(2)));
                    case "drop" -> new Step.Drop(client);
                    case "raw" -> new Step.Raw(client, bytes(words.get(2)));
                    case "batch" -> new Step.Batch(client, new ArrayList<>());
                    default -> throw new IllegalArgumentException("not understood: " + words);
                });
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

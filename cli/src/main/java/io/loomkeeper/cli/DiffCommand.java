package io.loomkeeper.cli;

import io.loomkeeper.tree.NodeView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code diff}: what is different between two states. */
@Command(
        name = "diff",
        description = {
            "Compares two states: of two sources, or of one at two zxids.",
            "Exit code 0: the same, 1: different."
        })
final class DiffCommand implements Callable<Integer> {
    @Mixin private Speech speech;

    @Parameters(index = "0", paramLabel = "LEFT", description = Main.SOURCE)
    private Path left;

    @Parameters(
            index = "1",
            paramLabel = "RIGHT",
            arity = "0..1",
            description = "The other; without it the same, at another zxid.")
    private @Nullable Path right;

    @Option(names = "--left-zxid", converter = Zxid.class, description = "LEFT after that zxid.")
    private long leftZxid = Source.END;

    @Option(names = "--right-zxid", converter = Zxid.class, description = "RIGHT after that zxid.")
    private long rightZxid = Source.END;

    @Option(names = "--path", defaultValue = "/", description = "That node and all below it.")
    private String path;

    private long differences;

    @Override
    public Integer call() throws IOException {
        Nodes before = new Nodes(Source.at(left).state(leftZxid).version());
        Path other = right == null ? left : right;
        Nodes after = new Nodes(Source.at(other).state(rightZxid).version());
        if (before.version().node(path) != null) {
            before.walk(path, (at, node) -> compare(at, node, after.version().node(at)));
        }
        if (after.version().node(path) != null) {
            after.walk(
                    path,
                    (at, node) -> {
                        if (!before.version().exists(at)) {
                            report("+", at, Map.of());
                        }
                    });
        }
        compareSessions(before, after);
        return differences == 0 ? 0 : 1;
    }

    private void compare(String at, NodeView node, @Nullable NodeView other) {
        if (other == null) {
            report("-", at, Map.of());
            return;
        }
        Map<String, Object> changed = new LinkedHashMap<>();
        Map<String, Object> theirs = Nodes.fields(at, other);
        Nodes.fields(at, node)
                .forEach(
                        (name, value) -> {
                            if (!Objects.equals(value, theirs.get(name))) {
                                changed.put(name, value + " -> " + theirs.get(name));
                            }
                        });
        if (!changed.isEmpty()) {
            report("~", at, changed);
        }
    }

    private void compareSessions(Nodes before, Nodes after) {
        before.version()
                .forEachSession(
                        (id, timeoutMs) -> {
                            int other = after.version().sessionTimeoutMs(id);
                            if (other != timeoutMs) {
                                String session = "session " + Zxid.text(id);
                                report(other < 0 ? "-" : "~", session, Map.of());
                            }
                        });
        after.version()
                .forEachSession(
                        (id, _) -> {
                            if (!before.version().hasSession(id)) {
                                report("+", "session " + Zxid.text(id), Map.of());
                            }
                        });
    }

    private void report(String sign, String what, Map<String, Object> changed) {
        differences++;
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("change", sign);
        fields.put("what", what);
        fields.put("fields", changed);
        speech.say(
                fields,
                out -> {
                    out.println(sign + " " + what);
                    changed.forEach((name, value) -> out.println("    " + name + ": " + value));
                });
    }
}

package io.loomkeeper.cli;

import io.loomkeeper.tree.NodeView;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ls}: the names below a node, in a state of the past or the present. */
@Command(
        name = "ls",
        description = "Lists nodes of a state that files hold, now or at any zxid that they reach.")
final class LsCommand implements Callable<Integer> {
    @Mixin private Speech speech;

    @Parameters(index = "0", paramLabel = "SOURCE", description = Main.SOURCE)
    private Path source;

    @Parameters(index = "1", paramLabel = "PATH", defaultValue = "/", description = "The node.")
    private String path;

    @Option(names = "--zxid", converter = Zxid.class, description = "The state after that zxid.")
    private long zxid = Source.END;

    @Option(names = "-R", description = "All that is below, and not only the children.")
    private boolean recursive;

    @Option(names = "-l", description = "Each with its kind, size, version and last change.")
    private boolean isLong;

    @Override
    public Integer call() throws IOException {
        Nodes nodes = new Nodes(Source.at(source).state(zxid).version());
        PrintWriter out = speech.out();
        if (recursive) {
            nodes.walk(path, (at, node) -> print(out, at, node));
        } else {
            for (String child : Nodes.childrenOf(path, nodes.require(path))) {
                print(out, child, nodes.require(child));
            }
        }
        return 0;
    }

    private void print(PrintWriter out, String at, NodeView node) {
        if (speech.isJson()) {
            out.println(Json.of(Nodes.fields(at, node)));
        } else if (isLong) {
            out.printf(
                    "%-10s %9d %6d  %s  %s%n",
                    Nodes.kind(node),
                    node.dataLength(),
                    node.version(),
                    Instant.ofEpochMilli(node.mtimeMs()),
                    at);
        } else {
            out.println(at);
        }
    }
}

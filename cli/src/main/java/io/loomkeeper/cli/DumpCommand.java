package io.loomkeeper.cli;

import io.loomkeeper.tree.LoggedTxn;
import io.loomkeeper.tree.NodeView;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dump}: a whole state, or the transactions that led to it. */
@Command(
        name = "dump",
        description = {
            "Prints the nodes and sessions of a state that files hold, now or at any zxid that they"
                    + " reach;",
            "with --log the transactions instead. With --json one object in each line."
        })
final class DumpCommand implements Callable<Integer> {
    @Mixin private Speech speech;

    @Parameters(index = "0", paramLabel = "SOURCE", description = Main.SOURCE)
    private Path source;

    @Option(names = "--zxid", converter = Zxid.class, description = "The state after that zxid.")
    private long zxid = Source.END;

    @Option(names = "--path", defaultValue = "/", description = "That node and all below it.")
    private String path;

    @Option(names = "--data", description = "Data too, in base64.")
    private boolean withBytes;

    @Option(names = "--log", description = "Transactions, and not the state.")
    private boolean log;

    @Option(
            names = "--from",
            converter = Zxid.class,
            defaultValue = "0",
            description = "Transactions after that zxid.")
    private long from;

    @Override
    public Integer call() throws IOException {
        Source files = Source.at(source);
        if (log) {
            files.transactions(from, zxid, this::print);
        } else {
            print(files.state(zxid));
        }
        return 0;
    }

    private void print(LoggedTxn txn) {
        speech.out().println(speech.isJson() ? Json.of(TxnText.fields(txn)) : TxnText.line(txn));
    }

    private void print(State state) throws IOException {
        PrintWriter out = speech.out();
        if (!speech.isJson()) {
            out.printf("ZNode Details (count=%d):%n----%n", state.version().nodeCount());
        }
        new Nodes(state.version()).walk(path, this::print);
        state.version().forEachSession((id, timeoutMs) -> printSession(state, id, timeoutMs));
        speech.say(
                Map.of("lastZxid", Zxid.text(state.zxid()), "digest", digest(state)),
                text -> {
                    text.println("----");
                    text.println("Last zxid: " + Zxid.text(state.zxid()));
                });
    }

    private static String digest(State state) {
        return Long.toUnsignedString(state.version().digest());
    }

    private void print(String at, NodeView node) {
        Map<String, Object> fields = Nodes.fields(at, node);
        if (!withBytes) {
            fields.remove("data");
        }
        PrintWriter out = speech.out();
        if (speech.isJson()) {
            out.println(Json.of(fields));
            return;
        }
        out.println(fields.remove("path"));
        fields.forEach((name, value) -> out.println("  " + name + " = " + value));
    }

    private void printSession(State state, long id, int timeoutMs) {
        int ephemerals = state.version().ephemeralsOf(id).size();
        Map<String, Object> session = new LinkedHashMap<>();
        session.put("session", Zxid.text(id));
        session.put("timeoutMs", timeoutMs);
        session.put("ephemerals", ephemerals);
        speech.say(
                session,
                out ->
                        out.println(
                                "session " + Zxid.text(id) + ", " + timeoutMs + ", " + ephemerals));
    }
}

package io.loomkeeper.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code status}: what servers of either kind say of themselves. */
@Command(
        name = "status",
        description = {
            "Asks servers, of either kind, for their mode, zxid and load (the word srvr).",
            "Exit code 0: all of them serve, 1: not all."
        })
final class StatusCommand implements Callable<Integer> {
    private static final int PORT = 2181;
    private static final int ANSWER_BYTES_MAX = 1 << 16;
    private static final Pattern ADDRESS =
            Pattern.compile("(?:\\[([^\\]]+)\\]|([^:]+))(?::([0-9]{1,5}))?");

    @Mixin private Speech speech;

    @Parameters(
            arity = "0..*",
            split = ",",
            paramLabel = "HOST[:PORT]",
            defaultValue = "127.0.0.1:2181",
            description = "Servers; without any, 127.0.0.1:2181.")
    private List<String> servers;

    @Option(
            names = "--timeout-ms",
            defaultValue = "3000",
            description = "How long to wait for each (default: ${DEFAULT-VALUE}).")
    private int timeoutMs;

    @Override
    public Integer call() {
        boolean allServe = true;
        if (!speech.isJson()) {
            print("SERVER", "MODE", "ZXID", "NODES", "CONNECTIONS", "LATENCY", "VERSION");
        }
        for (String server : servers) {
            Map<String, Object> status = status(server);
            allServe &= status.containsKey("mode");
            speech.say(status, _ -> print(server, status));
        }
        return allServe ? 0 : 1;
    }

    private void print(String server, Map<String, Object> status) {
        if (status.get("problem") != null) {
            print(server, String.valueOf(status.get("problem")), "", "", "", "", "");
        } else {
            print(
                    server,
                    text(status, "mode"),
                    text(status, "zxid"),
                    text(status, "nodes"),
                    text(status, "connections"),
                    text(status, "latency"),
                    text(status, "version"));
        }
    }

    private static String text(Map<String, Object> status, String name) {
        return String.valueOf(status.getOrDefault(name, "?"));
    }

    private void print(Object... columns) {
        String line = "%-24s %-12s %-18s %9s %11s %-14s %s".formatted(columns);
        speech.out().println(line.stripTrailing());
    }

    private Map<String, Object> status(String server) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("server", server);
        try {
            String answer = ask(server, "srvr");
            put(status, "mode", answer, "Mode: (.*)");
            put(status, "zxid", answer, "Zxid: (.*)");
            put(status, "nodes", answer, "Node count: (.*)");
            put(status, "connections", answer, "Connections: (.*)");
            put(status, "latency", answer, "Latency min/avg/max: (.*)");
            put(status, "version", answer, "Zookeeper version: ([^,]*).*");
            if (!status.containsKey("mode")) {
                status.put("problem", "not serving");
            }
        } catch (IOException e) {
            status.put("problem", String.valueOf(e.getMessage()));
        }
        return status;
    }

    private static void put(Map<String, Object> status, String name, String answer, String line) {
        Matcher found = Pattern.compile("(?m)^" + line + "$").matcher(answer);
        if (found.find()) {
            status.put(name, found.group(1).strip());
        }
    }

    private String ask(String server, String word) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address(server), timeoutMs);
            socket.setSoTimeout(timeoutMs);
            socket.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(ANSWER_BYTES_MAX);
            return new String(answer, StandardCharsets.UTF_8);
        }
    }

    /** Of {@code host} or {@code host:port}, an IPv6 address in brackets. */
    static InetSocketAddress address(String server) throws IOException {
        Matcher parts = ADDRESS.matcher(server);
        if (!parts.matches()) {
            throw new IOException("no address");
        }
        String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
        InetSocketAddress address = new InetSocketAddress(host, port(parts.group(3)));
        if (address.isUnresolved()) {
            throw new IOException("unknown host");
        }
        return address;
    }

    private static int port(@Nullable String text) throws IOException {
        int port = text == null ? PORT : Integer.parseInt(text);
        if (port > 0xffff) {
            throw new IOException("no port");
        }
        return port;
    }
}

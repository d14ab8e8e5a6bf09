package io.loomkeeper.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code bench idle}: what a connection costs that has a session and says nothing. */
final class IdleCommand {
    static final String HELP =
            """
            bin/bench idle           starts Loomkeeper and Apache ZooKeeper, opens sessions that do nothing, and shows
                                     what each adds to the live objects of the server and to its memory outside the heap
                [--sessions 5000]    for which the files that a process may open must suffice (ulimit -n)
                [--against apache]   or none
                [--heap 1g] [--loomkeeper-flags FLAGS] [--apache-flags FLAGS] [--directory DIR]   as for compare
            """;

    private static final Set<String> VALUED =
            Set.of(
                    "house",
                    "sessions",
                    "against",
                    "heap",
                    "loomkeeper-flags",
                    "apache-flags",
                    "directory");

    /** The longest that servers with ticks of two seconds grant. */
    private static final int SESSION_TIMEOUT_MS = 40_000;

    /** All of the heap is resident from the start: what memory grows by is not in it. */
    private static final String HEAP_IS_THERE = " -XX:+AlwaysPreTouch";

    private static final int WARM_UP_SESSIONS = 5_000;

    private IdleCommand() {}

    static int run(List<String> args) throws IOException {
        Flags flags = Flags.parse(args, VALUED, Set.of());
        int sessions = flags.number("sessions", 5_000, 1, 1_000_000);
        Path house = Path.of(flags.text("house", ".")).toAbsolutePath();
        Lineup.Setup setup =
                Lineup.Setup.parse(flags, house, "idle", "1g").withFlags(HEAP_IS_THERE);
        System.out.println(MachineUse.description());
        System.out.printf("Heap %s each, %,d sessions.%n%n", setup.heap(), sessions);
        System.out.println("bytes per connection     live heap  outside it");
        try (Lineup lineup = Lineup.start(setup)) {
            for (ServerProcess server : lineup.servers()) {
                if (!server.name().equals(Lineup.LIMIT)) {
                    measure(server, setup.java(), sessions);
                }
            }
        }
        return 0;
    }

    private static void measure(ServerProcess server, String java, int count) throws IOException {
        Sessions.close(open(server, WARM_UP_SESSIONS));
        long heapBefore = LiveHeap.bytes(java, server.pid());
        long residentBefore = server.use().rssBytes();
        List<SocketChannel> sessions = open(server, count);
        try {
            long resident = server.use().rssBytes() - residentBefore;
            long heap = LiveHeap.bytes(java, server.pid()) - heapBefore;
            System.out.printf(
                    Locale.ROOT,
                    "%-20s %,13d %,11d%n",
                    server.name(),
                    heap / count,
                    resident / count);
        } finally {
            Sessions.close(sessions);
        }
    }

    /** Each has had a request answered, so that nothing is left to be made at the first one. */
    private static List<SocketChannel> open(ServerProcess server, int count) throws IOException {
        List<SocketChannel> sessions = new ArrayList<>(count);
        Template template = Frames.exists("/");
        ByteBuffer request = ByteBuffer.allocate(template.length());
        template.append(request, 1);
        request.flip();
        try {
            for (int i = 0; i < count; i++) {
                SocketChannel session = Sessions.open(server.address(), SESSION_TIMEOUT_MS);
                sessions.add(session);
                Sessions.writeFully(session, request.duplicate());
                InputStream in = session.socket().getInputStream();
                Sessions.readFrame(in);
            }
            return sessions;
        } catch (IOException e) {
            Sessions.close(sessions);
            throw e;
        }
    }
}

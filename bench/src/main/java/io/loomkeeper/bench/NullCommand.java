package io.loomkeeper.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** {@code bench null}: a null server in the foreground. */
final class NullCommand {
    static final String HELP =
            """
            bin/bench null --port PORT   on loopback; canned answers
                [--disk DIRECTORY]       with one fdatasync there for each turn that has writes
            """;

    private NullCommand() {}

    /** Never returns but by a signal. */
    static int run(List<String> args) throws IOException {
        Flags flags = Flags.parse(args, Set.of("port", "disk"), Set.of());
        flags.text("port");
        InetSocketAddress address =
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), flags.number("port", 0, 0, 65_535));
        DiskBatch disk = flags.has("disk") ? DiskBatch.in(Path.of(flags.text("disk"))) : null;
        try (NullServer server = NullServer.listen(address, disk)) {
            System.out.println("null server at " + server.address());
            server.run();
        }
        return 0;
    }
}

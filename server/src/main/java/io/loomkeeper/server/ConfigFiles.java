package io.loomkeeper.server;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files in which a configuration that changes is kept, beside the zoo.cfg that the server was
 * started with (protocol 17.3). Each is written whole, under another name first.
 *
 * <pre>
 *   zoo.cfg                         what the operator wrote, without members, and dynamicConfigFile=
 *   zoo.cfg.bak                     as it was when the members stood in it
 *   zoo.cfg.dynamic.VERSION         lines of members and groups, sorted; the version in hexadecimal
 *   zoo.cfg.dynamic.next            what was proposed and is not active, with a line version=
 * </pre>
 */
record ConfigFiles(Path zooCfg) {
    private static final String CLIENT_PORT = "clientPort";
    private static final List<String> OF_MEMBERS =
            List.of("server.", "group", "weight", "dynamicConfigFile", "peerType");

    Path next() {
        return beside(".dynamic.next");
    }

    private Path active(long version) {
        return beside(".dynamic." + Long.toHexString(version));
    }

    private Path beside(String suffix) {
        return zooCfg.resolveSibling(zooCfg.getFileName() + suffix);
    }

    void backUp() throws IOException {
        write(beside(".bak"), Files.readString(zooCfg));
    }

    void writeNext(Members members) throws IOException {
        write(next(), sorted(members.text().lines()));
    }

    void deleteNext() throws IOException {
        Files.deleteIfExists(next());
    }

    /**
     * Writes the active configuration, and has zoo.cfg point to it.
     *
     * @param dropsClientPort because the own line says where clients connect
     */
    void writeActive(Members members, boolean dropsClientPort) throws IOException {
        Path file = active(members.version());
        write(file, sorted(members.text().lines().filter(l -> !l.startsWith("version="))));
        write(zooCfg, pointingTo(file, dropsClientPort));
    }

    private static String sorted(Stream<String> lines) {
        return lines.sorted().collect(Collectors.joining("\n"));
    }

    private String pointingTo(Path file, boolean dropsClientPort) throws IOException {
        StringBuilder text = new StringBuilder();
        for (ConfigText.Entry entry : entries()) {
            String key = entry.key().strip();
            boolean goes =
                    OF_MEMBERS.stream().anyMatch(key::startsWith)
                            || (dropsClientPort && key.startsWith(CLIENT_PORT));
            if (!goes) {
                text.append(key).append('=').append(escaped(entry.value().strip())).append('\n');
            }
        }
        String path = escaped(file.toAbsolutePath().normalize().toString());
        return text.append("dynamicConfigFile=").append(path).append('\n').toString();
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\");
    }

    private List<ConfigText.Entry> entries() throws IOException {
        try (Reader text = Files.newBufferedReader(zooCfg, StandardCharsets.UTF_8)) {
            return ConfigText.parse(zooCfg.toString(), text);
        } catch (ConfigException e) {
            throw new IOException(e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        SmallFile.write(file, StandardCharsets.UTF_8.encode(text));
    }
}

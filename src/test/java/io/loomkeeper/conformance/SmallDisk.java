package io.loomkeeper.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real file system of a few megabytes that can be filled and emptied, and servers that run with
 * their data on it.
 *
 * <p>It is a tmpfs in a mount namespace of its own, for which neither root nor a container's
 * privileges are needed where user namespaces are allowed. Where they are not, a memory file system
 * that the machine has and that is small is used, such as the 64 MB that containers have at {@code
 * /dev/shm}; {@code -Dsmall.disk=DIRECTORY} names another. A machine with none of these fails the
 * test.
 */
final class SmallDisk implements AutoCloseable {
    private static final long FOREIGN_BYTES_MAX = 512L << 20;
    private static final int PIECE_BYTES = 1 << 12;

    private static final List<String> USER_NAMESPACE = List.of("unshare", "-rm");
    private static final List<String> ROOTS_NAMESPACE = List.of("unshare", "-m");

    /** Lives as long as the file system; null for one that was there. */
    private final @Nullable Process holder;

    private final List<String> enter;

    /** Where servers see it. */
    private final Path directory;

    /** Where this process sees it. */
    private final Path outside;

    private SmallDisk(@Nullable Process holder, List<String> enter, Path directory, Path outside) {
        this.holder = holder;
        this.enter = enter;
        this.directory = directory;
        this.outside = outside;
    }

    /**
     * @param mountPoint an empty directory
     * @throws IllegalStateException when this machine has no way to do it, with what to do
     */
    static SmallDisk at(Path mountPoint, int kilobytes) throws IOException {
        SmallDisk disk = mounted(USER_NAMESPACE, mountPoint, kilobytes);
        if (disk == null) {
            disk = mounted(ROOTS_NAMESPACE, mountPoint, kilobytes);
        }
        return disk != null ? disk : onWhatIsThere();
    }

    private static @Nullable SmallDisk mounted(List<String> unshare, Path at, int kilobytes)
            throws IOException {
        List<String> words = new ArrayList<>(unshare);
        words.addAll(
                List.of(
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=%dk,mode=0777 none '%s' && echo mounted $$ && exec cat"
                                .formatted(kilobytes, at)));
        Process holder;
        try {
            holder =
                    new ProcessBuilder(words)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            return null;
        }
        BufferedReader said =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), UTF_8));
        String line = said.readLine();
        if (line == null || !line.startsWith("mounted ")) {
            holder.destroyForcibly();
            return null;
        }
        String pid = line.substring("mounted ".length());
        List<String> enter = new ArrayList<>(List.of("nsenter", "-t", pid, "-m"));
        if (unshare.equals(USER_NAMESPACE)) {
            enter.addAll(List.of("-U", "--preserve-credentials"));
        }
        Path outside = Path.of("/proc", pid, "root").resolve(Path.of("/").relativize(at));
        return new SmallDisk(holder, List.copyOf(enter), at, outside);
    }

    private static SmallDisk onWhatIsThere() throws IOException {
        Path place = Path.of(System.getProperty("small.disk", "/dev/shm"));
        if (!Files.isWritable(place)
                || Files.getFileStore(place).getTotalSpace() > FOREIGN_BYTES_MAX) {
            throw new IllegalStateException(
                    "this test needs a small file system to fill: allow user namespaces (unshare -rm),"
                            + " run as root with CAP_SYS_ADMIN, or name a directory on a file system"
                            + " of at most 512 MB with -Dsmall.disk");
        }
        Path own = Files.createTempDirectory(place, "loomkeeper");
        return new SmallDisk(null, List.of(), own, own);
    }

    /** As servers that run {@link #with} it see it. */
    Path directory() {
        return directory;
    }

    /** As this process sees it. */
    Path outside() {
        return outside;
    }

    /** {@code command}, in a process that has this file system. */
    ServerCommand with(ServerCommand command) {
        return new ServerCommand.Within(enter, command);
    }

    /** Takes all space but about {@code kilobytes}. */
    void fillUpTo(int kilobytes) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        try (FileChannel filler =
                FileChannel.open(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (Files.getFileStore(outside).getUsableSpace() > kilobytes * 1024L) {
                filler.write(piece.clear());
            }
        }
    }

    /** Gives back what {@link #fillUpTo} took. */
    void free() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return outside.resolve("filler");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (holder == null) {
            delete(directory);
            return;
        }
        holder.destroy();
        try {
            holder.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.loomkeeper.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** Files and directories that are on disk, whole, when they have their name. */
final class Durably {
    /** What writes a file's content. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private Durably() {}

    /** Writes a new file and forces it; its directory is forced by {@link #rename}. */
    static void write(Path file, Content content) throws IOException {
        try (FileChannel channel =
                        FileChannel.open(
                                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            content.writeTo(out);
            channel.force(true);
        }
    }

    static void write(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * A copy with the same owner and permissions, unless there is one; the source may be missing.
     */
    static void copyIfMissing(Path from, Path to) throws IOException {
        if (Files.exists(from) && !Files.exists(to)) {
            Path fresh = to.resolveSibling(to.getFileName() + ".tmp");
            Files.deleteIfExists(fresh);
            Files.copy(from, fresh, StandardCopyOption.COPY_ATTRIBUTES);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            rename(fresh, to);
        }
    }

    /** Gives what is complete under {@code from} its name. */
    static void rename(Path from, Path to) throws IOException {
        if (Files.isDirectory(from)) {
            force(from);
        }
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        Path parent = requireNonNull(to.toAbsolutePath().getParent(), "a directory of ours");
        force(parent);
    }

    static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a directory of our own making, if it is there: what an interrupted run left. */
    static void deleteLeftover(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path each, IOException e)
                            throws IOException {
                        if (e != null) {
                            throw e;
                        }
                        Files.delete(each);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}

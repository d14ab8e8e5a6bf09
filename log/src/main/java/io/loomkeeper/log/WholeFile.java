package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there as a whole or not at all, whenever the process or the machine stops: written
 * beside their place, forced, given their name, and the name forced (rule D8).
 *
 * @param directory of all of them
 */
record WholeFile(Path directory, Disk disk) {
    /** A new file beside the place of another; what was there under its name is gone. */
    static FileChannel open(Path temporary) throws IOException {
        return FileChannel.open(
                temporary,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
    }

    /** Has a file of that name hold what is between position and limit of {@code content}. */
    void write(String name, ByteBuffer content) throws IOException {
        Path temporary = directory.resolve(name + ".tmp");
        try (FileChannel channel = open(temporary)) {
            while (content.hasRemaining()) {
                channel.write(content);
            }
            disk.force(temporary, channel);
        }
        put(temporary, directory.resolve(name));
    }

    /** A file that is forced takes the place of another, or a place where there is none. */
    void put(Path forced, Path place) throws IOException {
        Files.move(
                forced, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        disk.forceDirectory(directory);
    }
}

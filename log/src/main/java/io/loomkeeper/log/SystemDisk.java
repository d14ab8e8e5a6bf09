package io.loomkeeper.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The machine's own disk. */
final class SystemDisk implements Disk {
    private final Fallocate fallocate = new Fallocate();

    @Override
    public void reserve(Path file, long from, long to) throws IOException {
        fallocate.allocate(file, from, to - from);
    }

    @Override
    public void force(Path file, FileChannel channel) throws IOException {
        channel.force(false);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

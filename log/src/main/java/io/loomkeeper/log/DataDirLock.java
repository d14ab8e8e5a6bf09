package io.loomkeeper.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The right to write in a data directory, held by one server at a time (S14) and given back by the
 * operating system when the process ends, however it ends. The file {@code lock} says which process
 * holds it; it stays.
 */
public final class DataDirLock implements AutoCloseable {
    private static final String NAME = "lock";

    private final FileChannel channel;

    private DataDirLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock of {@code directory}, which exists.
     *
     * @throws IOException when another server holds it; the message says so
     */
    public static DataDirLock acquire(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        boolean held = false;
        try {
            if (tryLock(channel) == null) {
                throw new IOException(
                        "the data directory "
                                + directory
                                + " is in use by another server"
                                + holder(channel));
            }
            writeHolder(channel);
            held = true;
        } finally {
            if (!held) {
                channel.close();
            }
        }
        return new DataDirLock(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        int n = channel.read(text, 0);
        String pid =
                n <= 0 ? "" : new String(text.array(), 0, n, StandardCharsets.US_ASCII).strip();
        return pid.isEmpty() ? "" : " (process " + pid + ")";
    }

    private static void writeHolder(FileChannel channel) throws IOException {
        String pid = ProcessHandle.current().pid() + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

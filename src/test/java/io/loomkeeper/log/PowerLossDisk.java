package io.loomkeeper.log;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A disk whose power can be thought to fail after each of its operations. It knows what each file's
 * bytes and each directory's names were when they were last forced, and what they are; what a loss
 * of power leaves is anything in between: each sector, and each directory, old or new.
 */
final class PowerLossDisk implements Disk {
    private static final int SECTOR_BYTES = 512;

    private final Path root;
    private final LongSupplier acked;
    private final Disk real = new SystemDisk();
    private final Map<Object, byte[]> forcedBytes = new HashMap<>();
    private final Map<Path, Map<String, Object>> forcedNames = new HashMap<>();
    private final List<Moment> moments = new ArrayList<>();

    /** While true, forcing a file fails, and puts nothing on the disk. */
    volatile boolean failing;

    /** What the disk makes of the bytes that it is to force; others than these: a mistake. */
    volatile UnaryOperator<Stored> mistake = UnaryOperator.identity();

    /** The disk between two of its operations. */
    static final class Moment {
        private final Map<Object, byte[]> forcedBytes;
        private final Map<Object, byte[]> bytes = new HashMap<>();
        private final Map<Path, Map<String, Object>> forcedNames;
        private final Map<Path, Map<String, Object>> names = new HashMap<>();
        private final String operation;
        private long ackedUntilNext;

        private Moment(PowerLossDisk disk, String operation) throws IOException {
            this.operation = operation;
            this.forcedBytes = new HashMap<>(disk.forcedBytes);
            this.forcedNames = new HashMap<>(disk.forcedNames);
            capture(disk.root);
        }

        private void capture(Path directory) throws IOException {
            Map<String, Object> listing = listing(directory);
            names.put(directory, listing);
            for (Map.Entry<String, Object> entry : List.copyOf(listing.entrySet())) {
                Path path = directory.resolve(entry.getKey());
                if (Files.isDirectory(path)) {
                    capture(path);
                } else {
                    captureFile(path, entry.getValue());
                }
            }
        }

        private void captureFile(Path path, Object file) throws IOException {
            try {
                bytes.put(file, Files.readAllBytes(path));
            } catch (NoSuchFileException e) {
                requireNonNull(names.get(path.getParent())).remove(path.getFileName().toString());
            }
        }

        /** What had been acknowledged when the disk did its next operation. */
        long acked() {
            return ackedUntilNext;
        }

        String operation() {
            return operation;
        }

        /**
         * Writes one possible outcome into an empty directory.
         *
         * @param luck null: nothing is there that was not forced
         */
        void leave(Path root, Path target, @Nullable Random luck) throws IOException {
            boolean newer = luck != null && luck.nextBoolean();
            Map<String, Object> listing =
                    (newer ? names : forcedNames).getOrDefault(root, Map.of());
            for (Map.Entry<String, Object> entry : listing.entrySet()) {
                Path from = root.resolve(entry.getKey());
                Path to = target.resolve(entry.getKey());
                if (names.containsKey(from) || forcedNames.containsKey(from)) {
                    Files.createDirectory(to);
                    leave(from, to, luck);
                } else {
                    Files.write(to, bytes(entry.getValue(), luck));
                }
            }
        }

        private byte[] bytes(Object file, @Nullable Random luck) {
            byte[] old = forcedBytes.getOrDefault(file, new byte[0]);
            byte[] now = bytes.getOrDefault(file, old);
            if (luck == null || now.length < old.length) {
                return old.clone();
            }
            byte[] mixed = new byte[luck.nextBoolean() ? now.length : old.length];
            for (int at = 0; at < mixed.length; at += SECTOR_BYTES) {
                byte[] source = luck.nextBoolean() ? now : old;
                int n = Math.min(SECTOR_BYTES, Math.min(source.length, mixed.length) - at);
                if (n > 0) {
                    System.arraycopy(source, at, mixed, at, n);
                }
            }
            return mixed;
        }
    }

    /**
     * @param root of all directories that count; forced as it is
     * @param acked what has been acknowledged so far
     */
    PowerLossDisk(Path root, LongSupplier acked) throws IOException {
        this.root = root;
        this.acked = acked;
        forcedNames.put(root, listing(root));
    }

    private static Map<String, Object> listing(Path directory) throws IOException {
        Map<String, Object> names = new TreeMap<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                addIfThere(entry, names);
            }
        }
        return names;
    }

    /** Inode numbers are used again, for other files. */
    private static Object identity(Path file) throws IOException {
        return List.of(
                Files.getAttribute(file, "unix:ino"), Files.getAttribute(file, "creationTime"));
    }

    /** Another thread may be deleting: then the entry is gone. */
    private static void addIfThere(Path entry, Map<String, Object> names) throws IOException {
        try {
            names.put(entry.getFileName().toString(), identity(entry));
        } catch (NoSuchFileException e) {
            names.remove(entry.getFileName().toString());
        }
    }

    /** Everything as it is now is on the disk. */
    synchronized void forceAll() throws IOException {
        Moment now = new Moment(this, "force all");
        forcedBytes.putAll(now.bytes);
        forcedNames.putAll(now.names);
        moments.clear();
    }

    @Override
    public synchronized void reserve(Path file, long from, long to) throws IOException {
        real.reserve(file, from, to);
        record("reserve " + file.getFileName());
    }

    @Override
    public synchronized void force(Path file, FileChannel channel) throws IOException {
        if (failing) {
            throw new IOException("input/output error");
        }
        forcedBytes.put(identity(file), Files.readAllBytes(file));
        record("force " + file.getFileName());
    }

    /** Of the rest of the file nothing more is on the disk than before, not even its length. */
    @Override
    public synchronized void force(Path file, FileChannel channel, Stored stored)
            throws IOException {
        if (failing) {
            throw new IOException("input/output error");
        }
        byte[] now = Files.readAllBytes(file);
        checkMapped(now, stored);
        Stored part = mistake.apply(stored);
        byte[] forced = forcedBytes.getOrDefault(identity(file), new byte[0]).clone();
        int n = Math.min((int) part.to(), forced.length) - (int) part.from();
        if (n > 0) {
            System.arraycopy(now, (int) part.from(), forced, (int) part.from(), n);
        }
        forcedBytes.put(identity(file), forced);
        record("force part of " + file.getFileName());
    }

    /** The bytes at the address are those of the file. */
    private static void checkMapped(byte[] file, Stored stored) {
        int length = (int) (stored.to() - stored.from());
        DirectBuffer inFile = new UnsafeBuffer(file, (int) stored.from(), length);
        assertEquals(inFile, new UnsafeBuffer(stored.address(), length), stored.toString());
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        forcedNames.put(directory, listing(directory));
        record("force directory " + directory.getFileName());
    }

    private void record(String operation) throws IOException {
        if (!moments.isEmpty()) {
            moments.getLast().ackedUntilNext = acked.getAsLong();
        }
        moments.add(new Moment(this, operation));
    }

    /** All moments so far. */
    synchronized List<Moment> moments() {
        if (!moments.isEmpty()) {
            moments.getLast().ackedUntilNext = acked.getAsLong();
        }
        return List.copyOf(moments);
    }
}

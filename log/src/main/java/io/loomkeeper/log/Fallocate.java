package io.loomkeeper.log;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The C library's {@code posix_fallocate}: gives a range of a file its blocks, and leaves its bytes
 * as they are. Java has no call for it, and a store into a mapped page without blocks on a full
 * disk is a SIGBUS.
 */
final class Fallocate {
    private static final int O_RDWR = 2;
    private static final int EINTR = 4;
    private static final int ENOSPC = 28;

    private final StructLayout callState = Linker.Option.captureStateLayout();
    private final MethodHandle open;
    private final MethodHandle close;
    private final MethodHandle allocate;

    Fallocate() {
        open =
                bind(
                        "open",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                        Linker.Option.captureCallState("errno"),
                        Linker.Option.firstVariadicArg(2));
        close = bind("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        allocate =
                bind(
                        "posix_fallocate",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG));
    }

    // calling C is what this class is for; the descriptors above are those of POSIX on 64-bit
    // systems
    @SuppressWarnings("restricted")
    private static MethodHandle bind(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    /**
     * @throws IOException when the disk is full, or the file system cannot reserve: then it is no
     *     place for the log
     */
    void allocate(Path file, long offset, long length) throws IOException {
        int error = call(file, offset, length);
        if (error == ENOSPC) {
            throw new IOException(
                    "no space left on the disk of " + file + " for " + length + " bytes more");
        }
        if (error != 0) {
            throw new IOException("cannot reserve space in " + file + ", errno=" + error);
        }
    }

    private int call(Path file, long offset, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(callState);
            MemorySegment name = arena.allocateFrom(file.toString());
            int fd = (int) open.invokeExact(state, name, O_RDWR);
            if (fd < 0) {
                return state.get(
                        ValueLayout.JAVA_INT,
                        callState.byteOffset(PathElement.groupElement("errno")));
            }
            int error;
            do {
                error = (int) allocate.invokeExact(fd, offset, length);
            } while (error == EINTR);
            int ignored = (int) close.invokeExact(fd);
            return error;
        } catch (Throwable e) {
            throw new IOException("cannot call posix_fallocate for " + file, e);
        }
    }
}

package io.loomkeeper.log;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import net.openhft.chronicle.core.OS;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a mapped file: put on disk, some of them and nothing else; or taken out of the
 * mapping, when they stay in the page cache, dirty if they were, and come back at the next access.
 *
 * <p>A force makes each dirty page of a mapping read-only again, one by one, and tells the other
 * processors of each; under a hypervisor that interrupt is dearer than all else in the force.
 * Leaving the mapping is one interrupt for all of them (docs/adr/0005-transaction-log.md).
 */
final class MappedPages {
    private static final int PAGES_MIN = 3;

    /** Of madvise(2), the same number wherever there is such a call. */
    private static final int DONTNEED = 4;

    /** Of msync(2), on Linux. */
    private static final int SYNC = 4;

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final @Nullable MethodHandle MADVISE = function("madvise");
    private static final @Nullable MethodHandle MSYNC =
            OS.isLinux() ? function("msync", Linker.Option.captureCallState("errno")) : null;

    private MappedPages() {}

    /** One that takes an address, a length and a number, and returns 0 if all went well. */
    @SuppressWarnings("restricted")
    private static @Nullable MethodHandle function(String name, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor type =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT);
        return linker.defaultLookup()
                .find(name)
                .map(function -> linker.downcallHandle(function, type, options))
                .orElse(null);
    }

    /**
     * Whether {@link #force} works here. Linux alone promises of msync what it does of fdatasync:
     * the same writes, of these pages, the same flush of the disk's own cache, the same errors.
     */
    static boolean canForce() {
        return MSYNC != null;
    }

    /**
     * Puts the pages that {@code [from, to)} touches on disk, and what the file system must have
     * there to find them.
     *
     * @param from address in a shared mapping of a file
     * @param to address behind the last byte, in the same mapping
     * @throws IOException when the disk has failed, now or since it was last asked about this file
     */
    static void force(long from, long to) throws IOException {
        long first = from & -OS.pageSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int result = (int) requireNonNull(MSYNC).invokeExact(state, first, to - first, SYNC);
            if (result != 0) {
                throw new IOException("cannot force: errno " + (int) ERRNO.get(state, 0L));
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("msync", e);
        }
    }

    /**
     * Takes the pages that {@code [from, to)} touches out of the mapping; nothing happens when they
     * are few, or where the system has no such call. A refusal costs nothing but time.
     *
     * @param from address in a shared mapping of a file that is there and stays there meanwhile; in
     *     any other memory this would destroy what is stored
     * @param to address behind the last byte, in the same mapping
     */
    static void release(long from, long to) {
        long page = OS.pageSize();
        long first = from & -page;
        MethodHandle madvise = MADVISE;
        if (madvise == null || to - first < PAGES_MIN * page) {
            return;
        }
        try {
            int _ = (int) madvise.invokeExact(first, to - first, DONTNEED);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise", e);
        }
    }
}

package io.loomkeeper.log;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import net.openhft.chronicle.core.OS;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a mapped file: taken out of the mapping they stay in the page cache, dirty if they
 * were, and come back at the next access.
 *
 * <p>A force makes each dirty page of a mapping read-only again, one by one, and tells the other
 * processors of each; under a hypervisor that interrupt is dearer than all else in the force.
 * Leaving the mapping is one interrupt for all of them (docs/adr/0005-transaction-log.md).
 */
final class MappedPages {
    private static final int PAGES_MIN = 3;

    /** Of madvise(2), the same number wherever there is such a call. */
    private static final int DONTNEED = 4;

    private static final @Nullable MethodHandle MADVISE = madvise();

    private MappedPages() {}

    @SuppressWarnings("restricted")
    private static @Nullable MethodHandle madvise() {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor type =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT);
        return linker.defaultLookup()
                .find("madvise")
                .map(function -> linker.downcallHandle(function, type))
                .orElse(null);
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

package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SoftHeapLimitTest {
    private static final long MIB = 1 << 20;

    @Test
    void smallHeapsGetTheLeast() {
        assertEquals(256 * MIB, SoftHeapLimit.bytes(10 * MIB, 20 * MIB, 1024 * MIB));
    }

    @Test
    void theLimitIsTwiceWhatLivesAndRoom() {
        assertEquals(592 * MIB, SoftHeapLimit.bytes(200 * MIB, 210 * MIB, 1024 * MIB));
    }

    @Test
    void aTreeThatGrowsFindsRoomBeforeTheWholeHeapIsCollected() {
        assertEquals(750 * MIB, SoftHeapLimit.bytes(100 * MIB, 600 * MIB, 1024 * MIB));
    }

    @Test
    void theHeapIsNeverExceeded() {
        assertEquals(1024 * MIB, SoftHeapLimit.bytes(600 * MIB, 700 * MIB, 1024 * MIB));
        assertEquals(64 * MIB, SoftHeapLimit.bytes(0, 0, 64 * MIB));
    }

    /** In this JVM, which runs with the flags of a server. */
    @Test
    void theJvmIsToldAfterACollection() {
        HotSpotDiagnosticMXBean vm =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long before = limitOf(vm);
        SoftHeapLimit.keep();
        System.gc();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (limitOf(vm) == before && System.nanoTime() < deadlineNs) {
            LockSupport.parkNanos(1_000_000);
        }
        assertTrue(limitOf(vm) < before, "nobody told it: " + before);
    }

    private static long limitOf(HotSpotDiagnosticMXBean vm) {
        return Long.parseLong(vm.getVMOption("SoftMaxHeapSize").getValue());
    }
}

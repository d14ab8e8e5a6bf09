package io.loomkeeper.server;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ZGC from spreading garbage over the whole of {@code -Xmx} before it collects: after each
 * collection the limit that it tries to stay below, {@code SoftMaxHeapSize}, follows what is alive.
 * The rest is there for when it is needed (docs/adr/0004-garbage-collector.md).
 */
final class SoftHeapLimit {
    private static final Logger LOG = LoggerFactory.getLogger(SoftHeapLimit.class);
    private static final String OPTION = "SoftMaxHeapSize";
    private static final String EVERY = "ZGC Minor Cycles";
    private static final String WHOLE = "ZGC Major Cycles";
    private static final long MIB = 1 << 20;
    private static final long BYTES_MIN = 256 * MIB;
    private static final long ROOM_BYTES = 192 * MIB;
    private static final long ROOM_BYTES_MIN = 128 * MIB;

    private final HotSpotDiagnosticMXBean vm;
    private final Set<String> pools;
    private final long bytesMax;
    private long aliveBytes;

    private SoftHeapLimit(HotSpotDiagnosticMXBean vm) {
        this.vm = vm;
        pools =
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .map(MemoryPoolMXBean::getName)
                        .collect(Collectors.toUnmodifiableSet());
        bytesMax = Runtime.getRuntime().maxMemory();
    }

    /** Does so from now on; not with another collector, nor when somebody has set the limit. */
    static void keep() {
        HotSpotDiagnosticMXBean vm =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        VMOption.Origin origin = vm.getVMOption(OPTION).getOrigin();
        if (origin != VMOption.Origin.DEFAULT && origin != VMOption.Origin.ERGONOMIC) {
            return;
        }
        SoftHeapLimit limit = new SoftHeapLimit(vm);
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            boolean isWhole = collector.getName().equals(WHOLE);
            if ((isWhole || collector.getName().equals(EVERY))
                    && collector instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener(
                        (notification, _) -> limit.onCollected(isWhole, notification), null, null);
            }
        }
    }

    private synchronized void onCollected(boolean isWhole, Notification notification) {
        if (!(notification.getUserData() instanceof CompositeData data)) {
            return;
        }
        long usedBytes =
                GarbageCollectionNotificationInfo.from(data)
                        .getGcInfo()
                        .getMemoryUsageAfterGc()
                        .entrySet()
                        .stream()
                        .filter(pool -> pools.contains(pool.getKey()))
                        .mapToLong(pool -> pool.getValue().getUsed())
                        .sum();
        aliveBytes = isWhole ? usedBytes : Math.min(aliveBytes, usedBytes);
        set(bytes(aliveBytes, usedBytes, bytesMax));
    }

    private void set(long bytes) {
        try {
            vm.setVMOption(OPTION, Long.toString(bytes));
        } catch (IllegalArgumentException e) {
            LOG.debug("{} stays: {}", OPTION, e.getMessage());
        }
    }

    /**
     * The limit: twice what is alive and room for garbage; never so little above what is used that
     * one collection would have to follow upon the other.
     *
     * @param aliveBytes after the last collection of the whole heap
     * @param usedBytes after the last one of any kind
     * @param bytesMax of the heap
     */
    static long bytes(long aliveBytes, long usedBytes, long bytesMax) {
        long byAlive = 2 * aliveBytes + ROOM_BYTES;
        long byUsed = usedBytes + Math.max(ROOM_BYTES_MIN, usedBytes / 4);
        return Math.min(bytesMax, Math.max(BYTES_MIN, Math.max(byAlive, byUsed)));
    }
}

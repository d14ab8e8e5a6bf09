package io.loomkeeper.admin;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * The figures of the JVM and of its process, named as Apache 3.9's provider names them, and below
 * {@code loomkeeper_} what it does not have: collections' pauses, virtual threads.
 */
final class JvmMetrics implements Metrics {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long BYTES_PER_KB = 1024;
    private static final double MS_PER_S = 1e3;
    private static final double NS_PER_S = 1e9;

    @Override
    public void collect(Sink sink) {
        process(sink);
        memory(sink);
        collections(sink);
        threads(sink);
        virtualThreads(sink);
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        sink.gauge("jvm_classes_loaded", classes.getLoadedClassCount());
        sink.counter("jvm_classes_loaded_total", classes.getTotalLoadedClassCount());
        sink.counter("jvm_classes_unloaded_total", classes.getUnloadedClassCount());
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        sink.gauge(
                "jvm_info",
                List.of(
                        new Label("version", Runtime.version().toString()),
                        new Label("vendor", runtime.getVmVendor()),
                        new Label("runtime", runtime.getVmName())),
                1);
    }

    private static void process(Sink sink) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os) {
            sink.counter("process_cpu_seconds_total", os.getProcessCpuTime() / NS_PER_S);
            sink.gauge("process_open_fds", os.getOpenFileDescriptorCount());
            sink.gauge("process_max_fds", os.getMaxFileDescriptorCount());
        }
        double startedMs = ManagementFactory.getRuntimeMXBean().getStartTime();
        sink.gauge("process_start_time_seconds", startedMs / MS_PER_S);
        memoryOfProcess(sink);
    }

    /** As Linux tells it, in lines such as {@code VmRSS: 1234 kB}; nothing elsewhere. */
    private static void memoryOfProcess(Sink sink) {
        List<String> lines;
        try {
            lines = Files.readAllLines(STATUS);
        } catch (IOException _) {
            return;
        }
        for (String line : lines) {
            String[] words = line.split("\\s+", -1);
            if (line.startsWith("VmSize:")) {
                sink.gauge("process_virtual_memory_bytes", Long.parseLong(words[1]) * BYTES_PER_KB);
            } else if (line.startsWith("VmRSS:")) {
                sink.gauge(
                        "process_resident_memory_bytes", Long.parseLong(words[1]) * BYTES_PER_KB);
            }
        }
    }

    private static void memory(Sink sink) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        usage(sink, "used", MemoryUsage::getUsed, memory);
        usage(sink, "committed", MemoryUsage::getCommitted, memory);
        usage(sink, "max", MemoryUsage::getMax, memory);
        usage(sink, "init", MemoryUsage::getInit, memory);
        List<BufferPoolMXBean> buffers =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
        for (BufferPoolMXBean pool : buffers) {
            sink.gauge("jvm_buffer_pool_used_bytes", pool(pool.getName()), pool.getMemoryUsed());
        }
        for (BufferPoolMXBean pool : buffers) {
            sink.gauge(
                    "jvm_buffer_pool_capacity_bytes",
                    pool(pool.getName()),
                    pool.getTotalCapacity());
        }
        for (BufferPoolMXBean pool : buffers) {
            sink.gauge("jvm_buffer_pool_used_buffers", pool(pool.getName()), pool.getCount());
        }
    }

    private static void usage(
            Sink sink, String what, ToLongFunction<MemoryUsage> figure, MemoryMXBean memory) {
        String all = "jvm_memory_bytes_" + what;
        sink.gauge(all, area("heap"), figure.applyAsLong(memory.getHeapMemoryUsage()));
        sink.gauge(all, area("nonheap"), figure.applyAsLong(memory.getNonHeapMemoryUsage()));
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            sink.gauge(
                    "jvm_memory_pool_bytes_" + what,
                    pool(pool.getName()),
                    figure.applyAsLong(pool.getUsage()));
        }
    }

    private static List<Label> area(String name) {
        return List.of(new Label("area", name));
    }

    private static List<Label> pool(String name) {
        return List.of(new Label("pool", name));
    }

    /** What each collector has done: for ZGC, cycles beside the program, and the pauses in them. */
    private static void collections(Sink sink) {
        List<java.lang.management.GarbageCollectorMXBean> all =
                ManagementFactory.getGarbageCollectorMXBeans();
        for (java.lang.management.GarbageCollectorMXBean gc : all) {
            sink.counter(
                    "jvm_gc_collection_seconds_count",
                    List.of(new Label("gc", gc.getName())),
                    gc.getCollectionCount());
        }
        for (java.lang.management.GarbageCollectorMXBean gc : all) {
            sink.counter(
                    "jvm_gc_collection_seconds_sum",
                    List.of(new Label("gc", gc.getName())),
                    gc.getCollectionTime() / MS_PER_S);
        }
        for (java.lang.management.GarbageCollectorMXBean gc : all) {
            if (gc instanceof GarbageCollectorMXBean known && known.getLastGcInfo() != null) {
                sink.gauge(
                        "loomkeeper_gc_last_seconds",
                        List.of(new Label("gc", gc.getName())),
                        known.getLastGcInfo().getDuration() / MS_PER_S);
            }
        }
    }

    private static void threads(Sink sink) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        sink.gauge("jvm_threads_current", threads.getThreadCount());
        sink.gauge("jvm_threads_daemon", threads.getDaemonThreadCount());
        sink.gauge("jvm_threads_peak", threads.getPeakThreadCount());
        sink.counter("jvm_threads_started_total", threads.getTotalStartedThreadCount());
        sink.gauge("jvm_threads_deadlocked", length(threads.findDeadlockedThreads()));
        sink.gauge(
                "jvm_threads_deadlocked_monitor", length(threads.findMonitorDeadlockedThreads()));
        Map<Thread.State, Integer> states = new EnumMap<>(Thread.State.class);
        for (java.lang.management.ThreadInfo thread :
                threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null) {
                states.merge(thread.getThreadState(), 1, Integer::sum);
            }
        }
        for (Thread.State state : Thread.State.values()) {
            sink.gauge(
                    "jvm_threads_state",
                    List.of(new Label("state", state.name())),
                    states.getOrDefault(state, 0));
        }
    }

    private static int length(long[] ids) {
        return ids == null ? 0 : ids.length;
    }

    private static void virtualThreads(Sink sink) {
        VirtualThreadSchedulerMXBean scheduler =
                ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
        if (scheduler == null) {
            return;
        }
        sink.gauge("loomkeeper_virtual_threads_parallelism", scheduler.getParallelism());
        sink.gauge("loomkeeper_virtual_threads_carriers", scheduler.getPoolSize());
        sink.gauge("loomkeeper_virtual_threads_mounted", scheduler.getMountedVirtualThreadCount());
        sink.gauge("loomkeeper_virtual_threads_queued", scheduler.getQueuedVirtualThreadCount());
    }
}

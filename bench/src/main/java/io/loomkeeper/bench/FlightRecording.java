package io.loomkeeper.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * What a flight recording says of processor time and allocation, thread by thread.
 *
 * <p>Processor time is that of {@code jdk.CPUTimeSample}: the kernel's clock of each thread, native
 * code and system calls included, a virtual thread's while it is mounted. A sample whose stack
 * could not be walked is counted under its thread. What the JVM's own threads use, compilers and
 * collectors, is not sampled.
 */
final class FlightRecording {
    private static final String CPU = "jdk.CPUTimeSample";
    private static final String ALLOCATION = "jdk.ObjectAllocationSample";
    private static final String LOST = "jdk.CPUTimeSamplesLost";
    private static final String UNWALKED = "(stack not walked)";

    private final StackFold cpu = new StackFold();
    private final StackFold allocation = new StackFold();
    private final StackFold types = new StackFold();
    private long unwalked;
    private long lost;

    private FlightRecording() {}

    /** Reads what happened between two moments. */
    static FlightRecording read(Path file, Instant from, Instant to) throws IOException {
        FlightRecording recording = new FlightRecording();
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                Instant at = event.getStartTime();
                if (!at.isBefore(from) && at.isBefore(to)) {
                    recording.on(event);
                }
            }
        }
        return recording;
    }

    private void on(RecordedEvent event) {
        switch (event.getEventType().getName()) {
            case CPU -> {
                List<String> stack = stack(event, event.getThread("eventThread"));
                unwalked += event.getStackTrace() == null ? 1 : 0;
                cpu.add(stack, 1);
            }
            case ALLOCATION -> {
                long bytes = event.getLong("weight");
                List<String> stack = stack(event, event.getThread("eventThread"));
                allocation.add(stack, bytes);
                types.add(List.of(event.getClass("objectClass").getName()), bytes);
            }
            case LOST -> lost += event.getInt("lostSamples");
            default -> {
                // nothing that is asked for here
            }
        }
    }

    /** Samples of processor time. */
    StackFold cpu() {
        return cpu;
    }

    /** Bytes allocated, estimated by the JVM from samples, by where. */
    StackFold allocation() {
        return allocation;
    }

    /** The same bytes by the class of what was allocated. */
    StackFold types() {
        return types;
    }

    /** Samples of processor time without a stack. */
    long unwalked() {
        return unwalked;
    }

    /** Samples that there was no room for. */
    long lost() {
        return lost;
    }

    private static List<String> stack(RecordedEvent event, RecordedThread thread) {
        List<String> stack = new ArrayList<>();
        if (event.getStackTrace() == null) {
            stack.add(UNWALKED);
        } else {
            for (RecordedFrame frame : event.getStackTrace().getFrames()) {
                stack.add(name(frame.getMethod()));
            }
        }
        stack.add(thread == null ? "unknown thread" : group(thread));
        Collections.reverse(stack);
        return stack;
    }

    /** Threads that do the same: all virtual ones, and those whose names differ by a number. */
    private static String group(RecordedThread thread) {
        if (thread.isVirtual()) {
            return "virtual threads (connections)";
        }
        String name = thread.getJavaName() == null ? thread.getOSName() : thread.getJavaName();
        return name == null ? "unknown thread" : "thread " + name.replaceAll("[-0-9]+$", "");
    }

    /** The class without its package, and the method; lambdas without their numbers. */
    private static String name(RecordedMethod method) {
        String type = method.getType().getName().replaceFirst("[./]0x[0-9a-f]+$", "");
        return type.substring(type.lastIndexOf('.') + 1) + "." + method.getName();
    }

    /** Bytes with the unit that suits them. */
    static String bytes(double bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%,.1f KB", bytes / 1024)
                : String.format(Locale.ROOT, "%,.1f MB", bytes / (1 << 20));
    }
}

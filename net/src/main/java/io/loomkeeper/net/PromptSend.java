package io.loomkeeper.net;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Sends on one socket what its buffer takes at once, from a thread that may not wait
 * (docs/adr/0015-prompt-replies.md). A channel in blocking mode has no such call.
 */
final class PromptSend {
    /** Of send(2) on Linux: MSG_DONTWAIT and MSG_NOSIGNAL. */
    private static final int FLAGS = 0x40 | 0x4000;

    private static final @Nullable MethodHandle SEND = send();
    private static final @Nullable MethodHandle DESCRIPTOR = descriptor();

    private final MethodHandle send;
    private final int descriptor;

    /** Guarded by this. */
    private boolean closed;

    private PromptSend(MethodHandle send, int descriptor) {
        this.send = send;
        this.descriptor = descriptor;
    }

    /** Null where the system is another or the JVM does not tell the socket's descriptor. */
    static @Nullable PromptSend of(SocketChannel channel) {
        MethodHandle send = SEND;
        MethodHandle descriptor = DESCRIPTOR;
        if (send == null || descriptor == null) {
            return null;
        }
        try {
            return new PromptSend(send, (int) descriptor.invokeExact(channel));
        } catch (Throwable e) {
            throw new IllegalStateException("getFDVal", e);
        }
    }

    /** The numbers of the flags are Linux's, which epoll tells from others. */
    @SuppressWarnings("restricted")
    private static @Nullable MethodHandle send() {
        Linker linker = Linker.nativeLinker();
        SymbolLookup library = linker.defaultLookup();
        if (library.find("epoll_create1").isEmpty()) {
            return null;
        }
        FunctionDescriptor type =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT);
        Linker.Option onHeap = Linker.Option.critical(true);
        return library.find("send")
                .map(function -> linker.downcallHandle(function, type, onHeap))
                .orElse(null);
    }

    private static @Nullable MethodHandle descriptor() {
        try {
            return MethodHandles.lookup()
                    .findVirtual(
                            Class.forName("sun.nio.ch.SelChImpl"),
                            "getFDVal",
                            MethodType.methodType(int.class))
                    .asType(MethodType.methodType(int.class, SocketChannel.class));
        } catch (ReflectiveOperationException _) {
            return null; // the package is not exported to us
        }
    }

    /**
     * Returns how many of the bytes the socket took; 0 also when it is closed or broken, which
     * whoever writes next learns from it.
     */
    synchronized int send(byte[] bytes, int offset, int length) {
        if (closed) {
            return 0;
        }
        MemorySegment content = MemorySegment.ofArray(bytes).asSlice(offset, length);
        try {
            long sent = (long) send.invokeExact(descriptor, content, (long) length, FLAGS);
            return (int) Math.max(sent, 0);
        } catch (Throwable e) {
            throw new IllegalStateException("send", e);
        }
    }

    /** To be called before the channel closes: its descriptor is the next socket's then. */
    synchronized void close() {
        closed = true;
    }
}

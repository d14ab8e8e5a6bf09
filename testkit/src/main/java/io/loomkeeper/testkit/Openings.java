package io.loomkeeper.testkit;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.List;

/**
 * What Agrona and Chronicle need of the JDK's inside. A server's command line opens it
 * (config/jvm.options); a test's JVM was started by somebody else, so it is opened here, as {@code
 * --add-opens} would have done. Only tests come this way.
 */
final class Openings {
    private static final List<String> PACKAGES =
            List.of("java.lang.reflect", "sun.nio.ch", "jdk.internal.ref", "jdk.internal.misc");

    private Openings() {}

    /** Laid out as what says of a method whether it may be called by anybody. */
    @SuppressWarnings("unused")
    private static final class Accessible {
        private boolean override;
    }

    /** Opens what is not open yet. */
    static void ensure() {
        Module java = Object.class.getModule();
        Module ours = Openings.class.getModule();
        List<String> closed = PACKAGES.stream().filter(each -> !java.isOpen(each, ours)).toList();
        if (!closed.isEmpty()) {
            try {
                Method open =
                        Module.class.getDeclaredMethod("implAddOpens", String.class, Module.class);
                makeCallable(open);
                for (String each : closed) {
                    open.invoke(java, each, ours);
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(
                        "start the tests' JVM with --add-opens java.base/"
                                + closed
                                + "=ALL-UNNAMED",
                        e);
            }
        }
    }

    private static void makeCallable(Method method) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field only = type.getDeclaredField("theUnsafe");
        only.setAccessible(true);
        Object unsafe = only.get(null);
        Object offset =
                type.getMethod("objectFieldOffset", Field.class)
                        .invoke(unsafe, Accessible.class.getDeclaredField("override"));
        type.getMethod("putBoolean", Object.class, long.class, boolean.class)
                .invoke(unsafe, method, offset, true);
    }
}

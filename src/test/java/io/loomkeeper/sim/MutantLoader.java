package io.loomkeeper.sim;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Loads everything of ours anew, with a fault in a class or two of it, or with none. */
final class MutantLoader extends ClassLoader {
    private static final String OURS = "io.loomkeeper.";

    private final List<Mutation> mutations;

    MutantLoader(List<Mutation> mutations) {
        super(MutantLoader.class.getClassLoader());
        this.mutations = mutations;
    }

    /** A {@link Hunt} in that world. */
    @SuppressWarnings("unchecked")
    LongFunction<@Nullable String> hunt() throws ReflectiveOperationException {
        Constructor<?> constructor = loadClass(Hunt.class.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (LongFunction<@Nullable String>) constructor.newInstance();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        String file = name.replace('.', '/') + ".class";
        try (InputStream in = getParent().getResourceAsStream(file)) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            for (Mutation mutation : mutations) {
                if (mutation.owner().equals(name.substring(OURS.length()))) {
                    bytes = mutation.apply(bytes);
                }
            }
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}

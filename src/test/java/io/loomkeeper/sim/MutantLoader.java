package io.loomkeeper.sim;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Loads everything of ours anew, with a fault in one class of it. */
final class MutantLoader extends ClassLoader {
    private static final String OURS = "io.loomkeeper.";

    private final Mistake mutant;

    MutantLoader(Mistake mutant) {
        super(MutantLoader.class.getClassLoader());
        this.mutant = mutant;
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
            byte[] bytes = mutant.applyTo(name.substring(OURS.length()), in.readAllBytes());
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}

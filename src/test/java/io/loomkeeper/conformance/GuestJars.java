package io.loomkeeper.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.reflect.AccessFlag;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * The test classes in other people's jars, found by reading class files: nothing is loaded or run.
 */
final class GuestJars {
    private static final Set<String> TEST_ANNOTATIONS =
            Set.of("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate");

    private final Map<String, ClassModel> classes = new HashMap<>();

    GuestJars(List<Path> jars) throws IOException {
        for (Path jar : jars) {
            readAll(jar);
        }
    }

    private void readAll(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().toList()) {
                if (entry.getName().endsWith(".class")) {
                    try (InputStream bytes = file.getInputStream(entry)) {
                        ClassModel model = ClassFile.of().parse(bytes.readAllBytes());
                        classes.put(model.thisClass().asInternalName(), model);
                    }
                }
            }
        }
    }

    /** Class names, each with the names of its test methods, inherited ones included. */
    Map<String, Set<String>> testClasses() {
        Map<String, Set<String>> found = new TreeMap<>();
        for (ClassModel model : classes.values()) {
            Set<String> methods = testMethods(model);
            boolean runnable = !model.flags().has(AccessFlag.ABSTRACT);
            if (runnable && !methods.isEmpty()) {
                found.put(model.thisClass().asInternalName().replace('/', '.'), methods);
            }
        }
        return found;
    }

    private Set<String> testMethods(ClassModel model) {
        Set<String> names = new TreeSet<>();
        for (ClassModel each = model; each != null; each = superclass(each)) {
            for (MethodModel method : each.methods()) {
                if (isTest(method)) {
                    names.add(method.methodName().stringValue());
                }
            }
        }
        return names;
    }

    private @Nullable ClassModel superclass(ClassModel model) {
        return model.superclass().map(name -> classes.get(name.asInternalName())).orElse(null);
    }

    private static boolean isTest(MethodModel method) {
        return method.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                .flatMap(attribute -> attribute.annotations().stream())
                .map(annotation -> annotation.className().stringValue())
                .map(name -> name.substring(name.lastIndexOf('/') + 1, name.length() - 1))
                .anyMatch(TEST_ANNOTATIONS::contains);
    }
}

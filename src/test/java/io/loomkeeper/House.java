package io.loomkeeper;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.reflect.AccessFlag;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The house as {@link TidyTest} sees it.
 *
 * @param types that the rooms were compiled to
 * @param tests the tests' own types
 * @param texts of all files
 */
record House(List<Type> types, List<Type> tests, List<Text> texts) {
    static final List<String> ROOMS =
            List.of(
                    "tree", "zab", "log", "net", "admin", "server", "cli", "testkit", "bench",
                    "jmh");

    /** What the internal name of each of our types starts with. */
    static final String OURS = "io/loomkeeper/";

    private static final Pattern IN_DESCRIPTOR = Pattern.compile("L([\\w/$]+);");
    private static final Set<String> NOT_READ =
            Set.of("target", "data", ".git", ".m2", ".idea", ".vscode");

    /**
     * One compiled type.
     *
     * @param name internal, without what all of ours start with: {@code net/wire/JuteInput$Slice}
     * @param uses the internal names of types it mentions anywhere, and of methods and fields it
     *     uses with their owner and descriptor: {@code java/lang/System.nanoTime()J}
     */
    record Type(String name, ClassModel model, Set<String> uses) {

        static Type of(ClassModel model) {
            Set<String> uses = new TreeSet<>();
            for (PoolEntry entry : model.constantPool()) {
                if (entry instanceof ClassEntry type) {
                    uses.add(type.asInternalName());
                } else if (entry instanceof MemberRefEntry member) {
                    uses.add(
                            member.owner().asInternalName()
                                    + "."
                                    + member.name().stringValue()
                                    + member.type().stringValue());
                } else if (entry instanceof Utf8Entry text) {
                    IN_DESCRIPTOR
                            .matcher(text.stringValue())
                            .results()
                            .forEach(type -> uses.add(type.group(1)));
                }
            }
            String name = model.thisClass().asInternalName().substring(OURS.length());
            return new Type(name, model, uses);
        }

        String room() {
            return name.substring(0, name.indexOf('/'));
        }

        /**
         * Is this the type {@code place}, one inside that type, or one in the package so called?
         */
        boolean isIn(String place) {
            return name.equals(place)
                    || name.startsWith(place + "$")
                    || name.startsWith(place + "/");
        }

        boolean isPublic() {
            return model.flags().has(AccessFlag.PUBLIC);
        }

        boolean isTopLevel() {
            return !name.contains("$") && !name.endsWith("package-info");
        }

        /** The name without package and enclosing type. */
        String simpleName() {
            return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('$')) + 1);
        }
    }

    /**
     * One file.
     *
     * @param path from the house's root, with slashes
     * @param text each byte a char, so that no file is unreadable
     */
    record Text(String path, String text) {}

    /** Reads the house at {@code root}; its rooms are compiled already. */
    static House at(Path root) throws IOException {
        List<Type> types = new ArrayList<>();
        for (String room : ROOMS) {
            types.addAll(typesUnder(root.resolve(room).resolve("target/classes")));
        }
        List<Type> tests = typesUnder(root.resolve("src/test/target/test-classes"));
        return new House(types, tests, textsUnder(root));
    }

    private static List<Type> typesUnder(Path classes) throws IOException {
        List<Type> types = new ArrayList<>();
        for (Path file : filesUnder(classes)) {
            if (file.toString().endsWith(".class")) {
                ClassModel model = ClassFile.of().parse(file);
                String name = model.thisClass().asInternalName();
                if (name.startsWith(OURS) && !name.contains("/jmh_generated/")) {
                    types.add(Type.of(model));
                }
            }
        }
        return types;
    }

    private static List<Text> textsUnder(Path root) throws IOException {
        List<Text> texts = new ArrayList<>();
        for (Path file : filesUnder(root)) {
            String path = root.relativize(file).toString().replace('\\', '/');
            texts.add(new Text(path, Files.readString(file, ISO_8859_1)));
        }
        return texts;
    }

    /** All files under {@code top}, none where there is no such directory. */
    private static List<Path> filesUnder(Path top) throws IOException {
        List<Path> files = new ArrayList<>();
        if (!Files.isDirectory(top)) {
            return files;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(top)) {
            for (Path entry : entries) {
                if (NOT_READ.contains(entry.getFileName().toString())) {
                    continue;
                }
                if (Files.isDirectory(entry)) {
                    files.addAll(filesUnder(entry));
                } else {
                    files.add(entry);
                }
            }
        }
        return files;
    }
}

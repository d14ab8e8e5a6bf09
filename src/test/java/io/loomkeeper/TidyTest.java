package io.loomkeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The house rules that a machine can keep. Each is shown to catch a breach of it. */
@TestInstance(PER_CLASS)
final class TidyTest {
    private static final int METHOD_LINES_MAX = 70;
    private static final int FILE_LINES_MAX = 600;

    /** A small room may publish this many types even if that is more than a third. */
    private static final int PUBLISHED_ALWAYS = 3;

    /** What is a function of its arguments, so that a simulator can run it: rooms and types. */
    private static final List<String> PURE =
            List.of(
                    "tree",
                    "zab",
                    "net/wire",
                    "server/Answers",
                    "server/Client",
                    "server/Clients",
                    "server/Deliveries",
                    "server/Forwards",
                    "server/Learners",
                    "server/Now",
                    "server/PendingQueue",
                    "server/Pipeline",
                    "server/Proposals",
                    "server/Publication",
                    "server/SessionExpiry",
                    "server/SessionIds",
                    "server/Sessions",
                    "server/Sweeper");

    /** Where the process itself has the state: its ports. */
    private static final Set<String> STATE_OF_THE_PROCESS = Set.of("conformance/FreePort: NEXT");

    /**
     * Words that do not say what a thing is, anywhere in a name, and two that do not at its end.
     */
    private static final Pattern VAGUE_WORD =
            Pattern.compile(
                    ".*(Manager|Mgr|Helpers?|Utils?|Impl|Base|Abstract|Cnxn)(?![a-z]).*|.*(Data|Info)");

    /** The field's own words that {@link #VAGUE_WORD} would refuse. */
    private static final Set<String> PROTOCOL_WORDS =
            Set.of("Data", "GetData", "SetData", "FollowerInfo", "LeaderInfo", "ObserverInfo");

    /** Types that are state even in a final field: atomics and what hangs on a thread. */
    private static final Pattern MUTABLE_TYPE =
            Pattern.compile(
                    "Ljava/util/concurrent/(?!.*FieldUpdater|TimeUnit)"
                            + "|Ljava/lang/(ThreadLocal|StringBu)");

    private static final Pattern MACHINE =
            Pattern.compile(
                    "(?<![\\w.$}])/(work|root|home|Users)/\\w"
                            + "|repo1?[.]maven|maven[.]org/maven2|deb[.]debian|registry[.]npmjs");

    private static final Pattern UNFINISHED = Pattern.compile("\\b(TO[D]O|FIX[M]E|XX[X])\\b");

    private final House house;
    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

    /** Kept, because it keeps what it has read of the class path. */
    private final StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);

    TidyTest() throws IOException {
        house = House.at(Path.of(System.getProperty("loomkeeper.house", "../..")));
    }

    @AfterAll
    void close() throws IOException {
        files.close();
    }

    /**
     * One rule.
     *
     * @param law the ban, and after the colon what to do instead
     * @param breaches one line for each breach in a house
     * @param examples of breaches: the source of a small house each
     */
    record Rule(String law, Function<House, Stream<String>> breaches, List<String> examples) {
        static Rule of(String law, Function<House, Stream<String>> breaches, String... examples) {
            return new Rule(law, breaches, List.of(examples));
        }

        List<String> breachesIn(House house) {
            return breaches.apply(house).distinct().toList();
        }

        @Override
        public String toString() {
            return law;
        }
    }

    static Stream<Rule> rules() {
        return Stream.of(pureCode(), borders(), state(), shape(), text()).flatMap(r -> r);
    }

    /** What keeps {@link #PURE} code a function of its input. */
    private static Stream<Rule> pureCode() {
        return Stream.of(
                Rule.of(
                        "no clock in pure code: take nowMs as an argument",
                        each(
                                TidyTest::pure,
                                uses(
                                        "java/time/",
                                        "java/lang/System.nanoTime",
                                        "java/lang/System.currentTimeMillis")),
                        "package io.loomkeeper.zab; class A { long a = System.nanoTime(); }",
                        "package io.loomkeeper.server; class Pipeline { java.time.Instant a; }"),
                Rule.of(
                        "no thread in pure code: one thread calls it, from outside",
                        each(TidyTest::pure, uses("java/lang/Thread", "java/util/concurrent/")),
                        "package io.loomkeeper.tree; class A { Thread a; }",
                        "package io.loomkeeper.net.wire; class A {"
                                + " java.util.concurrent.Executor a; }"),
                Rule.of(
                        "no lock in pure code: one thread calls it, from outside",
                        each(TidyTest::pure, TidyTest::locks),
                        "package io.loomkeeper.tree; class A { synchronized void a() {} }",
                        "package io.loomkeeper.tree; class A { { synchronized (this) {} } }"),
                Rule.of(
                        "no file or socket in pure code: a port, which log or net implements",
                        each(
                                TidyTest::pure,
                                uses(
                                        "java/io/",
                                        "java/net/",
                                        "java/nio/file/",
                                        "java/nio/channels/")),
                        "package io.loomkeeper.tree; class A { java.nio.file.Path a; }"),
                Rule.of(
                        "no chance in pure code: a Random whose seed is an argument",
                        each(
                                TidyTest::pure,
                                uses(
                                        "java/security/SecureRandom",
                                        "java/util/Random.<init>()",
                                        "java/util/SplittableRandom.<init>()",
                                        "java/lang/Math.random",
                                        "java/util/UUID.randomUUID",
                                        "java/lang/System.identityHashCode")),
                        "package io.loomkeeper.zab; class A { double a = Math.random(); }"));
    }

    /** What each room keeps to itself. */
    private static Stream<Rule> borders() {
        return Stream.of(
                Rule.of(
                        "HTTP and its libraries only in admin: the rest hands it ports",
                        each(t -> !t.isIn("admin"), uses("io/helidon/", "io/prometheus/")),
                        "package io.loomkeeper.server; class A { io.helidon.Http a; }"
                                + " package io.helidon; public class Http {}"),
                Rule.of(
                        "no address is looked up in reverse: who answers for it may answer anything",
                        each(
                                t -> !t.name().equals("server/FourLetterWords"),
                                uses(
                                        "java/net/InetAddress.getHostName",
                                        "java/net/InetAddress.getCanonicalHostName",
                                        "java/net/InetSocketAddress.getHostName")),
                        "package io.loomkeeper.net; class A {"
                                + " String a(java.net.InetAddress b) { return b.getHostName(); } }",
                        "package io.loomkeeper.net; class A {"
                                + " String a(java.net.InetSocketAddress b) {"
                                + " return b.getHostName(); } }"),
                Rule.of(
                        "Chronicle only in log: the others speak to zab.Journal",
                        each(t -> !t.isIn("log"), uses("net/openhft/")),
                        "package io.loomkeeper.server;"
                                + " class A { net.openhft.chronicle.queue.ExcerptTailer a; }"),
                Rule.of(
                        "ring buffers only in server and log (ADR 7): elsewhere offer to a port",
                        each(
                                t -> !t.isIn("server") && !t.isIn("log") && !t.isIn("jmh"),
                                uses("org/agrona/concurrent/ringbuffer/")),
                        "package io.loomkeeper.net;"
                                + " class A { org.agrona.concurrent.ringbuffer.RingBuffer a; }"),
                Rule.of(
                        "bench uses net.wire and what that exposes of tree: it drives any server",
                        TidyTest::pastTheWire,
                        "package io.loomkeeper.bench; class A { io.loomkeeper.zab.Peer a; }",
                        "package io.loomkeeper.bench; class A { io.loomkeeper.tree.Stat a; }"),
                Rule.of(
                        "a room publishes at most a third of what it does: package-private by default",
                        TidyTest::openRooms,
                        "package io.loomkeeper.net; public class A {}"
                                + " package io.loomkeeper.net; public class B {}"
                                + " package io.loomkeeper.net; public class C {}"
                                + " package io.loomkeeper.net; public class D {}"));
    }

    /** What must not hide where no constructor passes it. */
    private static Stream<Rule> state() {
        return Stream.of(
                Rule.of(
                        "no mutable static: give it to an object and pass that by constructor",
                        house ->
                                everywhere(TidyTest::mutableStatics)
                                        .apply(house)
                                        .filter(found -> !STATE_OF_THE_PROCESS.contains(found)),
                        "package io.loomkeeper.net; class A { static int a; }",
                        "package io.loomkeeper.net; class A {"
                                + " static final ThreadLocal<String> A = new ThreadLocal<>(); }"),
                Rule.of(
                        "no system property or environment: take what Config read, by constructor",
                        each(
                                t -> !t.isIn("server/Main") && !t.isIn("server/Config"),
                                uses(
                                        "java/lang/System.getProp",
                                        "java/lang/System.setProp",
                                        "java/lang/System.clearProp",
                                        "java/lang/System.getenv",
                                        "java/lang/Boolean.getBoolean",
                                        "java/lang/Integer.getInteger",
                                        "java/lang/Long.getLong")),
                        "package io.loomkeeper.server;"
                                + " class A { int a = Integer.getInteger(\"a\"); }"),
                Rule.of(
                        "no sleep, in main or test: wait for the condition, with a bound",
                        everywhere(
                                uses(
                                        "java/lang/Thread.sleep",
                                        "java/util/concurrent/TimeUnit.sleep")),
                        "package io.loomkeeper.net;"
                                + " class A { void a() throws Exception { Thread.sleep(1); } }"),
                Rule.of(
                        "no test is switched off: mend it or delete it",
                        everywhere(
                                uses(
                                        "org/junit/jupiter/api/Disabled",
                                        "org/junit/jupiter/api/Assumptions")),
                        "package io.loomkeeper.net;"
                                + " class A { @org.junit.jupiter.api.Disabled void a() {} }"));
    }

    /** What keeps each piece small and named for what it is. */
    private static Stream<Rule> shape() {
        return Stream.of(
                Rule.of(
                        "no class extends a class of ours: hold one, or share an interface",
                        everywhere(TidyTest::ourSuperclass),
                        "package io.loomkeeper.net; class A {} class B extends A {}"),
                Rule.of(
                        "no class extends Thread: a Runnable for Thread.ofVirtual or ofPlatform",
                        everywhere(superclass("java/lang/Thread")),
                        "package io.loomkeeper.net; class A extends Thread {}"),
                Rule.of(
                        "a method has at most 70 lines: name its parts",
                        everywhere(TidyTest::longMethods),
                        "package io.loomkeeper.net; class A { int a(int a) {"
                                + "\na++;".repeat(METHOD_LINES_MAX + 1)
                                + " return a; } }"),
                Rule.of(
                        "a file has at most 600 lines: split it by concern",
                        TidyTest::longFiles,
                        "package io.loomkeeper.net; class A {" + "\n".repeat(FILE_LINES_MAX) + "}"),
                Rule.of(
                        "no type is a Manager, Helper, Util, Impl, Base or Data: say what it is",
                        everywhere(TidyTest::vagueName),
                        "package io.loomkeeper.net; class LinkManager {}",
                        "package io.loomkeeper.net; class A { class LinkUtils {} }",
                        "package io.loomkeeper.net; class PeerInfo {}"));
    }

    /** What no file says, in whatever language. */
    private static Stream<Rule> text() {
        return Stream.of(
                Rule.of(
                        "no machine's path, no registry's host: relative paths, Maven's settings",
                        lines(MACHINE),
                        "package io.loomkeeper.net; class A { String a = \"/" + "home/me/a\"; }"),
                Rule.of(
                        "a cited page or section is there: docs/protocol.md has the protocols",
                        Citations::leadingNowhere,
                        "package io.loomkeeper.net; class A {} // see nowhere.m" + "d",
                        "package io.loomkeeper.net; class A {} // proto" + "col 99.9"),
                Rule.of(
                        "nothing is marked as unfinished: finish it, or take it out",
                        lines(UNFINISHED),
                        "package io.loomkeeper.net; class A {} // TO" + "DO"));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void houseKeeps(Rule rule) {
        assertEquals(List.of(), rule.breachesIn(house), rule.law);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void everyRuleCatchesItsExamples(Rule rule, @TempDir Path root) throws IOException {
        for (int i = 0; i < rule.examples.size(); i++) {
            House broken = built(root.resolve("house" + i), rule.examples.get(i));

            assertFalse(rule.breachesIn(broken).isEmpty(), rule.examples.get(i));
        }
    }

    /** What the rules forbid stands here where it is allowed, so none of them forbids too much. */
    @Test
    void everyRuleLeavesATidyHouseAlone(@TempDir Path root) throws IOException {
        House tidy =
                built(
                        root,
                        """
                        package io.loomkeeper.server;
                        public class Main {
                            static final long A = 1;
                            static { assert A > 0; }
                            String a = System.getenv("A");
                        }
                        package io.loomkeeper.admin;
                        class AdminA { io.helidon.Http a; Thread b; }
                        package io.helidon; public class Http {}
                        package io.loomkeeper.log;
                        class A {
                            net.openhft.chronicle.queue.ExcerptTailer a;
                            org.agrona.concurrent.ringbuffer.RingBuffer b;
                            java.io.File c;
                        }
                        package io.loomkeeper.tree;
                        class A { Object a = new java.util.Random(7); }
                        package io.loomkeeper.net.wire;
                        class A { io.loomkeeper.tree.Stat a; }
                        package io.loomkeeper.bench;
                        class A { io.loomkeeper.tree.Stat a; }
                        package io.loomkeeper.net;
                        class DataDirLock { synchronized void a() {} enum B { C { } } }
                        """);

        assertEquals(9, tidy.types().size());
        for (Rule rule : rules().toList()) {
            assertEquals(List.of(), rule.breachesIn(tidy), rule.law);
        }
    }

    @Test
    void everyRoomIsRead() {
        Set<String> read = new TreeSet<>();
        house.types().forEach(type -> read.add(type.room()));

        assertEquals(new TreeSet<>(House.ROOMS), read);
        assertTrue(house.tests().stream().anyMatch(type -> type.name().equals("TidyTest")));
        for (String pure : PURE) {
            assertTrue(house.types().stream().anyMatch(type -> type.isIn(pure)), pure);
        }
        assertTrue(house.texts().stream().anyMatch(text -> text.path().equals("bin/check")));
    }

    /** What {@code finds} in the rooms' own types of {@code scope}. */
    private static Function<House, Stream<String>> each(
            Predicate<House.Type> scope, Function<House.Type, Stream<String>> finds) {
        return house ->
                house.types().stream()
                        .filter(scope)
                        .flatMap(t -> finds.apply(t).map(found -> t.name() + ": " + found));
    }

    /** What {@code finds} in any type, the tests' included. */
    private static Function<House, Stream<String>> everywhere(
            Function<House.Type, Stream<String>> finds) {
        return house ->
                Stream.concat(house.types().stream(), house.tests().stream())
                        .flatMap(t -> finds.apply(t).map(found -> t.name() + ": " + found));
    }

    private static Function<House, Stream<String>> lines(Pattern banned) {
        return house ->
                house.texts().stream()
                        .flatMap(
                                text ->
                                        banned.matcher(text.text())
                                                .results()
                                                .map(hit -> text.path() + ": " + hit.group()));
    }

    /** The types that a type mentions and the methods that it calls, where they start so. */
    private static Function<House.Type, Stream<String>> uses(String... prefixes) {
        return type ->
                type.uses().stream().filter(u -> Arrays.stream(prefixes).anyMatch(u::startsWith));
    }

    private static Function<House.Type, Stream<String>> superclass(String prefix) {
        return type ->
                type.model().superclass().stream()
                        .map(ClassEntry::asInternalName)
                        .filter(name -> name.startsWith(prefix));
    }

    /** The body of an enum's constant is part of the enum. */
    private static Stream<String> ourSuperclass(House.Type type) {
        return type.model().flags().has(AccessFlag.ENUM)
                ? Stream.of()
                : superclass(House.OURS).apply(type);
    }

    private static boolean pure(House.Type type) {
        return PURE.stream().anyMatch(type::isIn);
    }

    /** What bench uses of ours, beyond itself and net.wire and what net.wire is made of. */
    private static Stream<String> pastTheWire(House house) {
        Set<String> exposed = new TreeSet<>();
        house.types().stream()
                .filter(t -> t.isIn("net/wire"))
                .forEach(t -> exposed.addAll(t.uses()));
        return each(t -> t.isIn("bench"), uses(House.OURS))
                .apply(house)
                .map(found -> found.replaceFirst(".*: ", "").replaceFirst("[.].*", ""))
                .filter(used -> !used.startsWith(House.OURS + "bench/"))
                .filter(used -> !used.startsWith(House.OURS + "net/wire/"))
                .filter(used -> !exposed.contains(used));
    }

    private static Stream<String> openRooms(House house) {
        return House.ROOMS.stream()
                .filter(room -> !room.equals("jmh"))
                .flatMap(
                        room -> {
                            List<House.Type> types =
                                    house.types().stream()
                                            .filter(t -> t.room().equals(room) && t.isTopLevel())
                                            .toList();
                            List<String> open =
                                    types.stream()
                                            .filter(t -> t.isPublic() && !isSpoken(t))
                                            .map(House.Type::name)
                                            .toList();
                            return open.size() <= Math.max(PUBLISHED_ALWAYS, types.size() / 3)
                                    ? Stream.of()
                                    : Stream.of(open + " of " + types.size());
                        });
    }

    /**
     * Is it a thing that rooms say to each other rather than a thing that does something? Ports,
     * values and exceptions are there to be published; the count is about the rest.
     */
    private static boolean isSpoken(House.Type type) {
        String parent = type.model().superclass().map(ClassEntry::asInternalName).orElse("");
        return type.model().flags().has(AccessFlag.INTERFACE)
                || parent.equals("java/lang/Record")
                || parent.equals("java/lang/Enum")
                || parent.endsWith("Exception");
    }

    private static Stream<String> mutableStatics(House.Type type) {
        return type.model().fields().stream()
                .filter(f -> f.flags().has(AccessFlag.STATIC))
                .filter(
                        f ->
                                !f.flags().has(AccessFlag.FINAL)
                                        || MUTABLE_TYPE
                                                .matcher(f.fieldType().stringValue())
                                                .lookingAt())
                .map(f -> f.fieldName().stringValue());
    }

    private static Stream<String> locks(House.Type type) {
        return type.model().methods().stream()
                .filter(TidyTest::locks)
                .map(m -> m.methodName().stringValue());
    }

    private static boolean locks(MethodModel method) {
        return method.flags().has(AccessFlag.SYNCHRONIZED)
                || method.code().stream()
                        .flatMap(code -> code.elementStream())
                        .anyMatch(e -> e instanceof MonitorInstruction);
    }

    private static Stream<String> longMethods(House.Type type) {
        return type.model().methods().stream()
                .filter(m -> lineCount(m) > METHOD_LINES_MAX)
                .map(m -> m.methodName() + " has " + lineCount(m) + " lines");
    }

    /**
     * The lines from a method's first statement to its end. Field initialisers, which may stand far
     * apart, are compiled into the constructor: there only the lines that have code count.
     */
    private static int lineCount(MethodModel method) {
        TreeSet<Integer> lines = new TreeSet<>();
        method.code()
                .flatMap(code -> code.findAttribute(Attributes.lineNumberTable()))
                .ifPresent(table -> table.lineNumbers().forEach(l -> lines.add(l.lineNumber())));
        boolean holdsInitialisers = method.methodName().stringValue().startsWith("<");
        return lines.isEmpty() || holdsInitialisers
                ? lines.size()
                : lines.last() - lines.first() + 1;
    }

    private static Stream<String> longFiles(House house) {
        return house.texts().stream()
                .filter(text -> text.path().endsWith(".java"))
                .filter(text -> text.text().lines().count() > FILE_LINES_MAX)
                .map(House.Text::path);
    }

    private static Stream<String> vagueName(House.Type type) {
        return Stream.of(type.simpleName().replaceFirst("Test$", ""))
                .filter(name -> !PROTOCOL_WORDS.contains(name))
                .filter(name -> VAGUE_WORD.matcher(name).matches());
    }

    /** The house of these sources, compiled; each begins with its package. */
    private House built(Path root, String sources) throws IOException {
        Pattern start = Pattern.compile("package ([\\w.]+);\\s+(?:public )?class (\\w+)");
        Path classes = root.resolve(House.ROOMS.getFirst()).resolve("target/classes");
        Files.createDirectories(classes);
        List<Path> written = new ArrayList<>();
        for (String source : sources.split("(?=package )", -1)) {
            Matcher type = start.matcher(source);
            assertTrue(type.lookingAt(), source);
            Path file = root.resolve(type.group(1)).resolve(type.group(2) + ".java");
            Files.createDirectories(file.getParent());
            written.add(Files.writeString(file, source));
        }
        files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
        boolean compiled =
                compiler.getTask(
                                null,
                                files,
                                null,
                                List.of("-proc:none"),
                                null,
                                files.getJavaFileObjectsFromPaths(written))
                        .call();
        assertTrue(compiled, sources);
        return House.at(root);
    }
}

package io.loomkeeper.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The four-letter words: which there are, which are answered, and with what text (protocol 21; line
 * for line that of Apache's server). A word comes instead of the first packet's length; its answer
 * is sent as it is, and the connection is closed.
 *
 * <p>Answers may wait for the pipeline, the disk and name resolution: ask on a connection's own
 * thread.
 */
final class FourLetterWords {
    /** {@link ServerView.Connection#lastOp} of a connection that was not answered yet. */
    static final int NO_OP = 0;

    /** What each is answered with. */
    static final Map<String, String> MEANINGS =
            Map.ofEntries(
                    Map.entry(
                            "conf", "the configuration that counts, and of a member its ensemble"),
                    Map.entry(
                            "cons", "each connection, with its session, its counts and latencies"),
                    Map.entry("crst", "sets the counts of connections to zero"),
                    Map.entry("dirs", "bytes of snapshots and of the log"),
                    Map.entry(
                            "dump", "sessions by when they are due, their ephemerals, connections"),
                    Map.entry("envi", "the JVM, the system, the user"),
                    Map.entry("gtmk", "the trace mask, which does nothing here"),
                    Map.entry("hash", "digests of the tree at each 128th zxid"),
                    Map.entry("isro", "`rw`, `ro`, or `null` while nobody is served"),
                    Map.entry("mntr", "figures, a line for each ([metrics](metrics.md))"),
                    Map.entry("ruok", "`imok`, by any process that listens"),
                    Map.entry("srst", "sets the server's counts to zero"),
                    Map.entry("srvr", "version, latencies, counts, zxid, mode, nodes"),
                    Map.entry("stat", "as `srvr`, with a line for each connection"),
                    Map.entry("stmk", "sets the trace mask; eight bytes with it follow"),
                    Map.entry("wchc", "watched paths by session"),
                    Map.entry("wchp", "sessions by watched path"),
                    Map.entry("wchs", "how many watches there are"));

    static final Set<String> KNOWN = MEANINGS.keySet();

    /** What telnet sends when it closes; taken for a word, so that it is not taken for a length. */
    private static final int TELNET_CLOSE = 0xfff4fffd;

    private static final String NOT_SERVING =
            "This ZooKeeper instance is not currently serving requests";

    /** Apache's mask after the start; it selects debug output there and nothing here. */
    private static final long TRACE_MASK = 306;

    private static final List<String> ENVIRONMENT =
            List.of(
                    "java.version",
                    "java.vendor",
                    "java.home",
                    "java.class.path",
                    "java.library.path",
                    "java.io.tmpdir",
                    "java.compiler",
                    "os.name",
                    "os.arch",
                    "os.version",
                    "user.name",
                    "user.home",
                    "user.dir");

    private final Config config;
    private final ServerMetrics metrics;
    private final ServerView view;
    private final String version;
    private final Map<String, String> systemProperties;
    private final MonitorMetrics figures;
    private final AtomicLong traceMask = new AtomicLong(TRACE_MASK);

    /**
     * @param version as {@link Version#full} has it
     * @param systemProperties for envi
     */
    FourLetterWords(
            Config config,
            ServerMetrics metrics,
            ServerView view,
            String version,
            Map<String, String> systemProperties) {
        this.config = config;
        this.metrics = metrics;
        this.view = view;
        this.version = version;
        this.figures = new MonitorMetrics(metrics, view, version);
        this.systemProperties = Map.copyOf(systemProperties);
    }

    /**
     * The words that a whitelist lets through: the known ones it names, all when it has a star,
     * always srvr, and isro when read-only mode is on.
     */
    static Set<String> enabled(Collection<String> whitelist, boolean readOnlyMode) {
        Set<String> words = new HashSet<>(KNOWN);
        if (!whitelist.contains("*")) {
            words.retainAll(whitelist);
        }
        words.add("srvr");
        if (readOnlyMode) {
            words.add("isro");
        }
        return Set.copyOf(words);
    }

    /**
     * Whether the first four bytes of a connection, taken as a big-endian int, are a word and not a
     * length. No word is a length that could be allowed: all are above 1.6 x 10<sup>9</sup> or
     * negative.
     */
    static boolean isWord(int firstBytes) {
        return firstBytes == TELNET_CLOSE || KNOWN.contains(text(firstBytes));
    }

    private static String text(int firstBytes) {
        byte[] letters = {
            (byte) (firstBytes >> 24),
            (byte) (firstBytes >> 16),
            (byte) (firstBytes >> 8),
            (byte) firstBytes
        };
        return new String(letters, StandardCharsets.ISO_8859_1);
    }

    /**
     * Whether eight bytes with a mask, a big-endian long, follow the word: stmk, where it is
     * answered.
     */
    boolean hasMask(int firstBytes) {
        return text(firstBytes).equals("stmk") && isEnabled("stmk");
    }

    private boolean isEnabled(String word) {
        return config.client().fourLetterWords().contains(word);
    }

    /**
     * The answer to a word, in ASCII; what it asks for is done.
     *
     * @param firstBytes of which {@link #isWord} is true
     * @param mask the long behind the word when {@link #hasMask} is true; otherwise it does not
     *     matter
     */
    String answer(int firstBytes, long mask) {
        assert isWord(firstBytes) : firstBytes;
        String word = firstBytes == TELNET_CLOSE ? "telnet close" : text(firstBytes);
        if (!isEnabled(word)) {
            return word + " is not executed because it is not in the whitelist.\n";
        }
        return always(word, mask).orElseGet(() -> whileServing(word));
    }

    /** The words that are answered whether the server serves or not. */
    private Optional<String> always(String word, long mask) {
        return switch (word) {
            case "ruok" -> Optional.of("imok");
            case "envi" -> Optional.of(environmentText());
            case "gtmk" -> Optional.of(Long.toString(traceMask.get()));
            case "stmk" -> {
                traceMask.set(mask);
                yield Optional.of(Long.toString(mask));
            }
            case "isro" -> Optional.of(readOnly());
            default -> Optional.empty();
        };
    }

    private String readOnly() {
        if (!view.isServing()) {
            return "null";
        }
        return view.mode().equals("read-only") ? "ro" : "rw";
    }

    private String whileServing(String word) {
        if (!view.isServing()) {
            return word.equals("hash") ? NOT_SERVING : NOT_SERVING + "\n";
        }
        StatusText status = new StatusText(config, metrics, view, version);
        WatchText watches = new WatchText(view);
        return switch (word) {
            case "srvr" -> status.srvr();
            case "stat" -> status.stat();
            case "cons" -> status.cons();
            case "conf" -> status.conf();
            case "dirs" -> status.dirs();
            case "dump" -> new DumpText(config, view, ZoneId.systemDefault()).dump();
            case "hash" -> hash();
            case "mntr" -> MonitorText.of(figures);
            case "wchs" -> watches.wchs();
            case "wchc" -> watches.wchc();
            case "wchp" -> watches.wchp();
            case "crst" -> {
                view.resetConnectionStats();
                yield "Connection stats reset.\n";
            }
            case "srst" -> {
                metrics.reset();
                yield "Server stats reset.\n";
            }
            default -> throw new IllegalStateException(word);
        };
    }

    private String hash() {
        StringBuilder text = new StringBuilder();
        view.eachDigest(
                (zxid, digest) ->
                        text.append(Long.toHexString(zxid))
                                .append(": ")
                                .append(digest)
                                .append('\n'));
        return text.toString();
    }

    private String environmentText() {
        StringBuilder text = new StringBuilder("Environment:\n");
        environment()
                .forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
        return text.toString();
    }

    /** What envi tells, in its order. */
    Map<String, String> environment() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("zookeeper.version", version);
        all.put("host.name", hostName());
        for (String name : ENVIRONMENT) {
            all.put(name, systemProperties.getOrDefault(name, "<NA>"));
        }
        Runtime runtime = Runtime.getRuntime();
        all.put("os.memory.free", megabytes(runtime.freeMemory()));
        all.put("os.memory.max", megabytes(runtime.maxMemory()));
        all.put("os.memory.total", megabytes(runtime.totalMemory()));
        return all;
    }

    /** As {@link Version#full} has it. */
    String version() {
        return version;
    }

    long traceMask() {
        return traceMask.get();
    }

    void traceMask(long mask) {
        traceMask.set(mask);
    }

    private static String megabytes(long bytes) {
        return (bytes >> 20) + "MB";
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException e) {
            return "<NA>";
        }
    }
}

package io.loomkeeper.server;

import static java.util.Objects.requireNonNull;

import io.loomkeeper.net.TlsOptions.ClientAuth;
import io.loomkeeper.server.Settings.Given;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How much of a server may stand open, the key {@code profile}. Apache's defaults leave open what a
 * production server should not; they count for a plain zoo.cfg, because a file that starts with
 * Apache's server has to start here, and one warning says what that leaves open. Where nobody wrote
 * a file, and in the sample that comes with the server, the profile is the other one.
 */
enum Profile {
    /** What is open stops the start. */
    SECURE,

    /** What is open is named in one warning. */
    COMPAT;

    static final String KEY = "profile";

    private static final String OPEN_LINKS =
            "whoever reaches the quorum and election ports is taken for a server (sslQuorum,"
                    + " quorum.auth.serverRequireSasl)";

    /** Words that tell a stranger nothing beyond that a server is there and how busy it is. */
    private static final List<String> HARMLESS_WORDS = List.of("ruok", "srvr", "isro");

    /** As it stands in a file. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Profile of(Settings settings) throws ConfigException {
        String word = settings.text(KEY, COMPAT.word());
        for (Profile profile : values()) {
            if (word.equals(profile.word())) {
                return profile;
            }
        }
        Given given = requireNonNull(settings.given(KEY), "the default is one of them");
        throw settings.wrong(given, SECURE.word() + " or " + COMPAT.word());
    }

    /**
     * Refuses a configuration that says it is secure and is not.
     *
     * @throws ConfigException with everything that is open
     */
    void require(Settings settings, Config config) throws ConfigException {
        Given given = settings.given(KEY);
        List<String> open = this == SECURE ? open(config) : List.of();
        if (given != null && !open.isEmpty()) {
            throw settings.wrong(
                    given, COMPAT.word() + ", as long as this is open: " + String.join("; ", open));
        }
    }

    /** The one line that names what is open, for whoever did not ask for more. */
    static Optional<String> warning(Config config) {
        List<String> open = open(config);
        return open.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "open, as Apache's defaults leave it (profile=compat): "
                                + String.join("; ", open));
    }

    /** What others than the programs of this machine can do unasked. */
    static List<String> open(Config config) {
        List<String> open = new ArrayList<>();
        if (config.security().skipAcl()) {
            open.add("no ACL is checked (skipACL)");
        }
        boolean isReached =
                !isLocal(config.client().address())
                        || config.clientTls().second().filter(at -> !isLocal(at)).isPresent();
        if (isReached) {
            addOpenClientPort(config, open);
        }
        config.ensemble().filter(Profile::isOpen).ifPresent(_ -> open.add(OPEN_LINKS));
        config.admin()
                .server()
                .filter(admin -> !isLocal(admin.address()) && !admin.needsCertificates())
                .ifPresent(_ -> open.add("the admin server is not on the loopback alone"));
        config.admin()
                .provider()
                .filter(metrics -> !isLocal(metrics.address()))
                .ifPresent(_ -> open.add("the port of the metrics is not on the loopback alone"));
        return open;
    }

    private static void addOpenClientPort(Config config, List<String> open) {
        InetSocketAddress address = config.client().address();
        boolean isPlain = !isLocal(address) && config.clientTls().main() != ClientTls.Spoken.TLS;
        if (isPlain) {
            boolean isEither = config.clientTls().main() == ClientTls.Spoken.EITHER;
            open.add(
                    "the client port "
                            + address.getPort()
                            + (isEither ? " needs no TLS" : " has no TLS"));
        }
        boolean asksForCertificates = !isPlain && config.clientTls().needsCertificates();
        if (config.security().enforceAuthSchemes().isEmpty() && !asksForCertificates) {
            open.add("clients need not say who they are (enforce.auth.enabled)");
        }
        TreeSet<String> words = new TreeSet<>(config.client().fourLetterWords());
        HARMLESS_WORDS.forEach(words::remove);
        if (!words.isEmpty()) {
            open.add("everybody is answered " + String.join(", ", words));
        }
    }

    /** Known are those that show a certificate, or prove themselves by SASL. */
    private static boolean isOpen(EnsembleConfig ensemble) {
        LinkTls tls = ensemble.links().tls();
        boolean byCertificate =
                tls.dials()
                        && !tls.admitsPlain()
                        && tls.options()
                                .filter(on -> on.handshake().clientAuth() == ClientAuth.NEED)
                                .isPresent();
        boolean isClosed = byCertificate || (ensemble.sasl().isOn() && ensemble.sasl().isNeeded());
        return !isClosed && !isLocal(ensemble);
    }

    private static boolean isLocal(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        return host != null && host.isLoopbackAddress();
    }

    /** By what stands in the line, without asking anybody for a name. */
    private static boolean isLocal(EnsembleConfig ensemble) {
        return !ensemble.links().listensOnAllIps()
                && ensemble.self().addresses().stream().allMatch(at -> isLocal(at.host()));
    }

    private static boolean isLocal(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
    }
}

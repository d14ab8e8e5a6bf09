package io.loomkeeper.net;

import io.loomkeeper.net.TlsOptions.Store;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidator;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CertSelector;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's key and whom it believes, and the sockets that are made with them (ADR 11).
 *
 * <p>Once in a second, at most, a connection that is made looks whether the files have changed. If
 * they can be read they count from then on, for new connections; if not, that is logged once, and
 * those that were read before stay. Any thread may call.
 */
public final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

    private static final long LOOK_EVERY_NS = TimeUnit.SECONDS.toNanos(1);

    /** What a certificate proves is believed again, at the latest, after this. */
    private static final int RESUMED_WITHIN_S = 3600;

    /** Only for clients without tickets; an entry has some kilobytes. */
    private static final int RESUMABLE_MAX = 1024;

    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** What of a file changes when it is written, or another takes its place. */
    private record Stamp(FileTime written, long bytes, @Nullable Object key) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(facts.lastModifiedTime(), facts.size(), facts.fileKey());
        }
    }

    private final TlsOptions options;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile SSLContext context;

    // Below is guarded by the lock.
    private List<Stamp> stamps;

    private volatile long lookedNs;

    private Tls(TlsOptions options, List<Stamp> stamps, SSLContext context) {
        this.options = options;
        this.stamps = stamps;
        this.context = context;
        lookedNs = System.nanoTime();
    }

    /**
     * Reads the files.
     *
     * @throws IOException when they cannot be read, or the JDK has not what is asked for
     */
    public static Tls open(TlsOptions options) throws IOException {
        List<Stamp> stamps = stamps(options);
        return new Tls(options, stamps, load(options));
    }

    TlsOptions options() {
        return options;
    }

    /**
     * The side of whoever was connected to. The handshake is still to come.
     *
     * @param received what has been read already; not more than came
     */
    public SSLSocket accept(Socket connected, InputStream received) throws IOException {
        SSLContext now = current();
        SSLSocket socket =
                (SSLSocket) now.getSocketFactory().createSocket(connected, received, true);
        socket.setUseClientMode(false);
        socket.setSSLParameters(accepting(now));
        return socket;
    }

    /** The side of whoever has connected. The handshake is still to come. */
    SSLSocket connect(Socket connected, String host) throws IOException {
        SSLContext now = current();
        SSLSocket socket =
                (SSLSocket)
                        now.getSocketFactory()
                                .createSocket(connected, host, connected.getPort(), true);
        socket.setUseClientMode(true);
        SSLParameters parameters = agreeable(now);
        if (options.checks().serverName()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        socket.setSSLParameters(parameters);
        return socket;
    }

    /** When the files were looked at last. */
    long lookedNs() {
        return lookedNs;
    }

    private SSLParameters accepting(SSLContext now) {
        SSLParameters parameters = agreeable(now);
        switch (options.handshake().clientAuth()) {
            case NEED -> parameters.setNeedClientAuth(true);
            case WANT -> parameters.setWantClientAuth(true);
            case NONE -> parameters.setNeedClientAuth(false);
        }
        return parameters;
    }

    private SSLParameters agreeable(SSLContext now) {
        return agreeable(options.handshake(), now);
    }

    private static SSLParameters agreeable(TlsOptions.Handshake asked, SSLContext now) {
        SSLParameters parameters = new SSLParameters();
        if (!asked.protocols().isEmpty()) {
            parameters.setProtocols(asked.protocols().toArray(String[]::new));
        } else if (asked.protocol().isEmpty()) {
            parameters.setProtocols(PROTOCOLS.toArray(String[]::new));
        } else {
            parameters.setProtocols(now.getDefaultSSLParameters().getProtocols());
        }
        if (!asked.ciphersuites().isEmpty()) {
            parameters.setCipherSuites(asked.ciphersuites().toArray(String[]::new));
        }
        return parameters;
    }

    private SSLContext current() {
        long nowNs = System.nanoTime();
        if (options.reloads() && nowNs - lookedNs >= LOOK_EVERY_NS && looking.tryLock()) {
            try {
                lookedNs = nowNs;
                maybeReload();
            } finally {
                looking.unlock();
            }
        }
        return context;
    }

    private void maybeReload() {
        try {
            List<Stamp> found = stamps(options);
            if (found.equals(stamps)) {
                return;
            }
            stamps = found;
            context = load(options);
            LOG.info("the keys and certificates of {} were read anew", options.keys().file());
        } catch (IOException e) {
            LOG.error("{}; those that were read before stay", e.getMessage());
        }
    }

    private static List<Stamp> stamps(TlsOptions options) throws IOException {
        List<Stamp> stamps = new ArrayList<>();
        for (Path file : files(options)) {
            try {
                stamps.add(Stamp.of(file));
            } catch (IOException e) {
                throw new IOException("cannot read " + file + ": " + e, e);
            }
        }
        return stamps;
    }

    private static List<Path> files(TlsOptions options) {
        List<Path> files = new ArrayList<>();
        for (Store store : new Store[] {options.keys(), options.trusted()}) {
            if (store != null) {
                files.add(store.file());
                if (store.password().file() != null) {
                    files.add(Objects.requireNonNull(store.password().file()));
                }
            }
        }
        return files;
    }

    private static SSLContext load(TlsOptions options) throws IOException {
        String protocol = options.handshake().protocol();
        try {
            SSLContext loaded = SSLContext.getInstance(protocol.isEmpty() ? "TLS" : protocol);
            TrustManagerFactory trust = trust(options);
            loaded.init(
                    keys(options.keys()).getKeyManagers(),
                    trust == null ? null : trust.getTrustManagers(),
                    null);
            SSLSessionContext resumable = loaded.getServerSessionContext();
            resumable.setSessionTimeout(RESUMED_WITHIN_S);
            resumable.setSessionCacheSize(RESUMABLE_MAX);
            // names that do not exist are found here, and not at the first handshake
            loaded.createSSLEngine().setSSLParameters(agreeable(options.handshake(), loaded));
            return loaded;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static KeyManagerFactory keys(Store from) throws IOException, GeneralSecurityException {
        try {
            char[] password = from.password().read();
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(KeyStores.keys(from, password), password);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException("no key from " + from.file() + ": " + e.getMessage(), e);
        }
    }

    /** Null: nobody is asked for a certificate. */
    private static @Nullable TrustManagerFactory trust(TlsOptions options) throws IOException {
        Store from = options.trusted();
        if (from == null) {
            return null;
        }
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            PKIXBuilderParameters parameters = parameters(KeyStores.trusted(from), options);
            factory.init(new CertPathTrustManagerParameters(parameters));
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException("no certificates from " + from.file() + ": " + e.getMessage(), e);
        }
    }

    private static PKIXBuilderParameters parameters(KeyStore trusted, TlsOptions options)
            throws GeneralSecurityException {
        PKIXBuilderParameters parameters =
                new PKIXBuilderParameters(trusted, new X509CertSelector());
        parameters.setRevocationEnabled(false);
        boolean crl = options.checks().crl();
        boolean ocsp = options.checks().ocsp();
        if (crl || ocsp) {
            PKIXRevocationChecker checker =
                    (PKIXRevocationChecker)
                            CertPathValidator.getInstance("PKIX").getRevocationChecker();
            Set<PKIXRevocationChecker.Option> how =
                    EnumSet.noneOf(PKIXRevocationChecker.Option.class);
            if (!ocsp) {
                how.add(PKIXRevocationChecker.Option.PREFER_CRLS);
            }
            if (!crl || !ocsp) {
                how.add(PKIXRevocationChecker.Option.NO_FALLBACK);
            }
            checker.setOptions(how);
            parameters.addCertPathChecker(checker);
        }
        return parameters;
    }
}

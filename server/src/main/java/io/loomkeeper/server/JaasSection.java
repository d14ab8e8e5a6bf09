package io.loomkeeper.server;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.URIParameter;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.security.auth.Subject;
import javax.security.auth.kerberos.KerberosPrincipal;
import javax.security.auth.kerberos.KerberosTicket;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import javax.security.auth.login.LoginException;

/**
 * A section of a jaas.conf, and the mechanism that follows from its login module: users with their
 * passwords for DIGEST-MD5, or this server's own Kerberos principal for GSSAPI.
 *
 * <pre>
 *   Server {
 *       org.apache.zookeeper.server.auth.DigestLoginModule required
 *       user_bob="secret";
 *   };
 * </pre>
 *
 * <p>Apache's class is not needed: its name says that the options are users.
 */
sealed interface JaasSection {
    /**
     * Passwords.
     *
     * @param passwords by user, of those who come to this server
     * @param user as whom this server comes to others; empty where it does not
     */
    record Digest(Map<String, String> passwords, String user, String password)
            implements JaasSection {
        public Digest {
            passwords = Map.copyOf(passwords);
        }

        @Override
        public String toString() {
            return passwords.keySet() + ", " + user;
        }
    }

    /** The principal as which this server is logged in. */
    record Principal(Subject subject, String name) implements JaasSection {
        /** The service whose ticket comes of logging in, and opens all others. */
        private static final String GRANTING = "krbtgt/";

        /** When most of the ticket's time is over: soon, others will not be had for it. */
        boolean isDue(long nowMs) {
            return tickets().anyMatch(ticket -> nowMs >= dueMs(ticket));
        }

        boolean isOver(long nowMs) {
            return tickets().anyMatch(ticket -> nowMs >= endMs(ticket));
        }

        private Stream<KerberosTicket> tickets() {
            return subject.getPrivateCredentials(KerberosTicket.class).stream()
                    .filter(ticket -> ticket.getServer().getName().startsWith(GRANTING));
        }

        private static long dueMs(KerberosTicket ticket) {
            Date begun =
                    ticket.getStartTime() == null ? ticket.getAuthTime() : ticket.getStartTime();
            long fromMs = begun.toInstant().toEpochMilli();
            return fromMs + (endMs(ticket) - fromMs) / 5 * 4;
        }

        private static long endMs(KerberosTicket ticket) {
            return ticket.getEndTime().toInstant().toEpochMilli();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** The simple name of Apache's login module. */
    String DIGEST_MODULE = "DigestLoginModule";

    String USER = "user_";

    /**
     * Reads a section, and logs in if it is of Kerberos.
     *
     * @param file path or URL; a leading = is left out, as in -Djava.security.auth.login.config==
     * @return empty when the file has no such section
     * @throws IOException when the file cannot be read, or nobody can log in
     */
    static Optional<JaasSection> open(String file, String name) throws IOException {
        Configuration configuration = configuration(file);
        AppConfigurationEntry[] entries = configuration.getAppConfigurationEntry(name);
        if (entries == null || entries.length == 0) {
            return Optional.empty();
        }
        String module = entries[0].getLoginModuleName();
        return Optional.of(
                module.endsWith("." + DIGEST_MODULE)
                        ? digest(entries)
                        : loggedIn(configuration, name));
    }

    private static Configuration configuration(String file) throws IOException {
        String place = file.startsWith("=") ? file.substring(1) : file;
        try {
            URI uri = place.matches("[a-z]+:.*") ? new URI(place) : Path.of(place).toUri();
            return Configuration.getInstance("JavaLoginConfig", new URIParameter(uri));
        } catch (GeneralSecurityException | URISyntaxException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("cannot read " + place + ": " + cause.getMessage(), e);
        }
    }

    private static Digest digest(AppConfigurationEntry[] entries) {
        Map<String, String> options = new HashMap<>();
        for (AppConfigurationEntry entry : entries) {
            entry.getOptions().forEach((name, value) -> options.put(name, String.valueOf(value)));
        }
        Map<String, String> passwords = new HashMap<>();
        options.forEach(
                (option, value) -> {
                    if (option.startsWith(USER)) {
                        passwords.put(option.substring(USER.length()), value);
                    }
                });
        return new Digest(
                passwords,
                options.getOrDefault("username", ""),
                options.getOrDefault("password", ""));
    }

    private static Principal loggedIn(Configuration configuration, String name) throws IOException {
        try {
            Subject subject = new Subject();
            new LoginContext(name, subject, null, configuration).login();
            for (KerberosPrincipal principal : subject.getPrincipals(KerberosPrincipal.class)) {
                return new Principal(subject, principal.getName());
            }
            throw new IOException("section " + name + " of jaas.conf has no Kerberos principal");
        } catch (LoginException e) {
            throw new IOException(
                    "section " + name + " of jaas.conf does not log in: " + e.getMessage(), e);
        }
    }

    /** Whether it may be used; FIPS mode has no DIGEST-MD5. */
    default boolean isAllowed(boolean fips) {
        return !(this instanceof Digest && fips);
    }
}

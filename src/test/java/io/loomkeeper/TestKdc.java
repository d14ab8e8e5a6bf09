package io.loomkeeper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kerby.kerberos.kerb.KrbException;
import org.apache.kerby.kerberos.kerb.server.SimpleKdcServer;

/** A Kerberos server in the test's own process, and what its clients need of it. */
public final class TestKdc implements AutoCloseable {
    public static final String REALM = "EXAMPLE.COM";
    public static final String KRB5 = "java.security.krb5.conf";

    private final SimpleKdcServer kdc = new SimpleKdcServer();
    private final Path folder;
    private final Path krb5;

    private TestKdc(Path folder, int port) throws IOException, KrbException {
        this.folder = folder;
        kdc.setWorkDir(folder.toFile());
        kdc.setKdcHost("localhost");
        kdc.setKdcRealm(REALM);
        kdc.setKdcTcpPort(port);
        kdc.setAllowUdp(false);
        kdc.init();
        kdc.start();
        krb5 =
                Files.writeString(
                        folder.resolve("our-krb5.conf"),
                        """
                        [libdefaults]
                        default_realm = %s
                        dns_lookup_kdc = false
                        dns_lookup_realm = false
                        udp_preference_limit = 1
                        [realms]
                        %s = {
                          kdc = localhost:%d
                        }
                        """
                                .formatted(REALM, REALM, port));
    }

    /**
     * Starts one.
     *
     * @param principals without the realm; their keys are in {@link #keytab}
     */
    public static TestKdc start(Path folder, String... principals)
            throws IOException, KrbException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        TestKdc kdc = new TestKdc(folder, port);
        kdc.kdc.createAndExportPrincipals(kdc.keytab().toFile(), principals);
        return kdc;
    }

    public Path keytab() {
        return folder.resolve("keytab");
    }

    /** What the property {@link #KRB5} of a process has to name. */
    public Path krb5() {
        return krb5;
    }

    /**
     * A section of a jaas.conf as Apache's guide has it; the configuration is read anew, since this
     * process may have had another.
     */
    public String section(String name, String principal) {
        return """
        %s {
            com.sun.security.auth.module.Krb5LoginModule required
            refreshKrb5Config=true
            useKeyTab=true
            keyTab="%s"
            storeKey=true
            useTicketCache=false
            principal="%s@%s";
        };
        """
                .formatted(name, keytab(), principal, REALM);
    }

    @Override
    public void close() throws KrbException {
        kdc.stop();
    }
}

package io.loomkeeper.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What every key that is obeyed means, in words; docs/reference.md is made of it. What a number has
 * for a default and for bounds stands where it is read, in {@link Config} and its parts, and {@link
 * Settings} remembers it; here stands what cannot be seen from there.
 *
 * <p>Each line has six cells: the key, its default, what is allowed, the unit, what it does, and
 * what Apache does otherwise. An empty default or range is that of the parse; an empty last cell
 * says that Apache does the same. A key with a placeholder, such as {@code <id>}, stands for many.
 */
final class ConfigKeys {
    private static final String OF_THE_FILE_ALONE =
            """
            tickTime | | | ms | the unit of time of sessions and of an ensemble; 2000 without a file |
            dataDir | needed | a directory | | snapshots, epochs, and the log |
            dataLogDir | dataDir | a directory | | the log |
            clientPort | needed, unless there is secureClientPort | `0` to `65535` | | where clients \
            come; 0 picks a free one |
            clientPortAddress | all addresses | a host or an address | | where to listen for them |
            secureClientPort | none | `0` to `65535` | | a port at which TLS alone is spoken, beside \
            clientPort or instead of it | needs its Netty factory
            secureClientPortAddress | all addresses | a host or an address | | where to listen for it |
            clientPortListenBacklog | | | | connections waiting to be accepted; −1 is the system's own \
            number |
            maxClientCnxns | | | | connections from one address; 0 is any number |
            minSessionTimeout | 2 ticks | `1` or more; `-1` is the default | ms | the shortest timeout \
            that a session gets | 0 or less is taken
            maxSessionTimeout | 20 ticks | `1` or more; `-1` is the default | ms | the longest |\
             0 or less is taken
            autopurge.snapRetainCount | | `3` or more; less is taken for 3 | | snapshots that are \
            kept, with the log they need |
            autopurge.purgeInterval | `1` | hours, or a number with ms, s, m, h, d; `0` is never | |\
             old snapshots and the log before them go: behind each snapshot | `0`; by the clock
            standaloneEnabled | | | | one voter is a server of its own |
            reconfigEnabled | | | | the members may be changed by reconfig; zoo.cfg is rewritten then |
            dynamicConfigFile | none | a file | | has the `server.<id>`, `group.<id>` and \
            `weight.<id>` lines, which then stand nowhere else |
            metricsProvider.className | `org.apache.zookeeper.metrics.impl.DefaultMetricsProvider` |\
             that or `org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider` | | the second \
            opens a port with the metrics alone ([metrics](metrics.md)) | loads any class
            metricsProvider.httpHost | `0.0.0.0` | a host or an address | | where that port is |
            metricsProvider.httpPort | | | | 0 picks a free one |
            metricsProvider.exportJvmInfo | | | | the JVM's figures are there too |
            server.<id> | none | protocol 17.1 | | a member; one voter is a server of its own |
            group.<id> | none | ids with a colon between | | a group of a hierarchical quorum |
            weight.<id> | `1` | a number | | of a participant in its group; 0: it decides nothing |
            """;

    private static final String CLIENTS_AND_LIMITS =
            """
            jute.maxbuffer | | | bytes | the longest packet a client may send | any number
            jute.maxbuffer.extrasize | jute.maxbuffer | | bytes | what a transaction may have beyond a \
            packet |
            maxCnxns | | | | connections in all; 0 is any number |
            globalOutstandingLimit | | | | requests under way, beyond which connections that have some \
            are not read | 0 or less is taken
            nio.sessionlessCnxnTimeout | | | ms | a connection may be so long without a session |
            clientTcpKeepAlive | | | | the system looks after silent connections |
            connection_throttle_tokens | | | | handshakes let in at once; 0 is any number |
            connection_throttle_fill_time | | | ms | between two fillings of the bucket |
            connection_throttle_fill_count | | | | tokens of a filling |
            4lw.commands.whitelist | | words with commas between, or `*` | | four-letter words that \
            are answered, beside `srvr` |
            readonlymode.enabled | | | | puts isro into the whitelist | read-only mode
            """;

    private static final String DISK =
            """
            snapCount | | `2` or more; less is taken for 2 | | transactions between two snapshots, half \
            of it by chance; never before three times the time has passed that the last one took | no \
            such pause
            snapSizeLimitInKb | | | KB | log between two snapshots; 0 or less does not count |
            txnLogSizeLimitInKb | | | KB | log in one segment; 0 or less is 256 MiB | no limit
            forceSync | | | | `no`: acknowledged before it is on the disk, for throw-away data only |
            fsync.warningthresholdms | `1000` | `0` or more | ms | a force that takes longer is \
            logged; also as -Dfsync.warningthresholdms |
            datadir.autocreate | | | | missing directories are made |
            """;

    private static final String TREE =
            """
            digest.enabled | | | | transactions carry the digest of the tree |
            extendedTypesEnabled | | | | nodes may have a ttl |
            enforceQuota | | | | hard quotas refuse |
            znode.container.checkIntervalMs | | | ms | between two sweeps of containers and TTL nodes |
            znode.container.maxPerMinute | | | | deletions of a sweep |
            znode.container.maxNeverUsedIntervalMs | | | ms | after this a container goes that never \
            had a child; 0 is never |
            """;

    private static final String SECURITY =
            """
            profile | | `secure`, `compat` | | `secure`: what is open stops the start; without a file \
            it is `secure` | no such key
            skipACL | | | | `yes`: no ACL is checked |
            DigestAuthenticationProvider.superDigest | none | `user:hash` | | the one who may do \
            everything |
            DigestAuthenticationProvider.enabled | | | | the scheme digest is there |
            DigestAuthenticationProvider.digestAlg | `SHA1` | a message digest of the JDK | | its hash |
            session.secretFile | none | a file with at least 32 characters | | what session passwords \
            are derived from, the same on each server ([security](security.md)) | no such key
            enforce.auth.enabled | | | | nothing but auth is answered without an identity of these \
            schemes |
            enforce.auth.schemes | none | some of digest, ip, x509, sasl that are there | | which |
            sessionRequireClientSASLAuth | | | | nothing but sasl is answered without an identity of \
            scheme sasl |
            """;

    private static final String SASL_TOWARDS_CLIENTS =
            """
            sasl.serverconfig | Server | a section of jaas.conf | | the section; if it is set, it \
            must be there |
            fips-mode | | | | DIGEST-MD5 is refused, towards clients and between servers |
            allowSaslFailedClients | | | | who fails goes on without an identity, unless SASL is \
            required |
            superUser | none | an id of scheme sasl | | may do everything |
            superUser.<any> | none | an id of scheme sasl | | one more |
            authProvider.<any> | none | Apache's own classes for sasl, x509, digest, ip | | what is \
            always there is asked for by its class' name | loads any class
            SASLAuthenticationProvider.superPassword | none | text | | of the DIGEST-MD5 user super |
            security.auth_to_local | `DEFAULT` | rules such as `RULE:[2:$1] DEFAULT` | | make a short \
            name of a Kerberos principal | whom no rule fits is whom he would like to be
            kerberos.removeHostFromPrincipal | | | | the id has no host |
            kerberos.removeRealmFromPrincipal | | | | the id has no realm |
            """;

    private static final String TLS_AT_THE_CLIENT_PORTS =
            """
            client.portUnification | | | | clientPort speaks TLS as well, to whoever begins with it |
            client.certReload | | | | changed files are taken without a restart | `false`
            ssl.keyStore.location | needed | a file | | this server's key with its certificates |
            ssl.keyStore.password | empty | text | | for the file and the key in it |
            ssl.keyStore.passwordPath | none | a file | | has the password; counts before the other key |
            ssl.keyStore.type | by the name's end | JKS, PEM, PKCS12, BCFKS | | of the file; in PEM the \
            key is PKCS #8, then come the certificates |
            ssl.trustStore.location | needed, unless ssl.clientAuth=none | a file | | the certificates \
            by which the other side is believed |
            ssl.trustStore.password | empty | text | | for it |
            ssl.trustStore.passwordPath | none | a file | | has the password |
            ssl.trustStore.type | by the name's end | JKS, PEM, PKCS12, BCFKS | | of the file |
            ssl.protocol | TLS 1.3 and 1.2 | `TLSv1.2`, `TLSv1.3` | | TLSv1.2: that alone; TLSv1.3: \
            both | older ones too
            ssl.enabledProtocols | those of ssl.protocol | `TLSv1.2`, `TLSv1.3` with a comma between |\
             | those and no other | older ones too
            ssl.ciphersuites | the JDK's | the JDK's names with commas between | | those and no other |
            ssl.clientAuth | `need` | `need`, `want`, `none` | | `want`: who dials may show no \
            certificate; `none`: is asked for none |
            ssl.hostnameVerification | | | | `false`: no name in a certificate is looked at |
            ssl.clientHostnameVerification | | | | the certificate of who dials must have its \
            address. No name is looked up |
            ssl.crl | | | | revoked certificates are refused, by the lists that they name |
            ssl.ocsp | | | | revoked certificates are refused: their issuer is asked |
            ssl.handshakeDetectionTimeoutMillis | | | ms | for a first byte; the handshake then has \
            nio.sessionlessCnxnTimeout |
            netty.server.outstandingHandshake.limit | | | | handshakes under way at a time; −1 and 0 \
            are any number |
            X509AuthenticationProvider.superUser | none | a subject as RFC 2253 writes it | | the \
            certificate whose owner may do everything |
            """;

    private static final String ADMINISTRATION =
            """
            admin.enableServer | | | | commands, health and metrics over HTTP |
            admin.serverPort | | | | 0 picks a free one. One that is taken ends a server that stands \
            alone; a member warns and goes on |
            admin.serverAddress | `127.0.0.1` | a host or an address | | where to listen | all \
            addresses
            admin.commandURL | `/commands` | a path | | what the commands stand below |
            admin.idleTimeout | | | ms | a connection may say nothing for so long |
            admin.portUnification | | | | HTTPS as well as HTTP, told apart by the first byte |
            admin.forceHttps | | | | HTTPS alone; counts before portUnification |
            admin.needClientAuth | | | | with HTTPS, whoever connects has to show a certificate that \
            is believed |
            admin.snapshot.enabled | | | | the command `snapshot` gives the whole state to whoever has \
            every permission on `/` |
            admin.restore.enabled | | | | the command `restore` puts a posted state in the place of \
            this server's, where it stands alone, for whoever has every permission on `/` |
            admin.rateLimiterIntervalInMS | | | ms | in which each of the two is done at most once; \
            0 is any time | microseconds for `snapshot`
            audit.enable | | | | a line for each change, with who made it, into the log |
            request.warningthresholdms | | | ms | a request that takes longer is logged, with where \
            the time went; 0 is none | no such key
            """;

    private static final String OF_AN_ENSEMBLE =
            """
            initLimit | needed | `1` or more | ticks | until a learner is connected and has the \
            leader's history |
            syncLimit | needed | `1` or more | ticks | the other end of a link may be silent for so \
            long after that |
            connectToLearnerMasterLimit | | `0` or more | ticks | for reaching the leader; 0 is initLimit |
            electionAlg | | `3` | | there is no other |
            peerType | as the line says | `participant`, `observer` | | named in a warning when the \
            line says otherwise |
            quorumListenOnAllIPs | | | | the quorum and election ports on all addresses |
            electionPortBindRetry | | | | attempts to get a port, a second apart; 0 is without end |
            cnxTimeout | | | ms | for another server's election port to accept |
            quorumCnxnTimeoutMs | | | ms | for whoever connects to say who it is; −1 is syncLimit |
            tcpKeepAlive | | | | the system looks after silent links |
            multiAddress.enabled | | | | members may have several addresses |
            fastleader.minNotificationInterval | | | ms | until a vote is repeated, doubled each time |
            fastleader.maxNotificationInterval | | | ms | the longest |
            commitLogCount | | | | transactions that a leader keeps in memory for learners |
            leaderServes | | | | `no`: a leader takes no clients |
            strictSync | | | | a leader answers a sync only when a quorum has shown that it still \
            leads: what is read behind it is not older than anything that anybody was told of before; \
            for the price of a write | no such key
            db.autocreate | | | | `false`: an empty data directory counts for nothing in an election, \
            unless the file `initialize` lies in dataDir |
            sslQuorum | | | | servers are dialled with TLS, and heard with TLS alone |
            portUnification | | | | servers that dial without TLS are heard too; without sslQuorum \
            those that dial with it are |
            sslQuorumReloadCertFiles | | | | changed files are taken without a restart | `false`
            quorum.auth.enableSasl | | | | servers may prove to each other that they belong together; \
            needs a jaas.conf |
            quorum.auth.learnerRequireSasl | | | | this server proves itself to those that it dials |
            quorum.auth.serverRequireSasl | | | | who dials has to; needs learnerRequireSasl |
            quorum.auth.learner.saslLoginContext | | a section of jaas.conf | | for the side that dials |
            quorum.auth.server.saslLoginContext | | a section of jaas.conf | | for the side that is \
            dialled |
            quorum.auth.kerberos.servicePrincipal | | a principal | | of the server that is dialled; \
            `_HOST` is its host in the configuration |
            """;

    private static final int CELLS = 6;

    private ConfigKeys() {}

    /**
     * One key.
     *
     * @param otherwise its default in words; empty: that of the parse
     * @param allowed in words; empty: that of the parse
     * @param unit empty where there is none
     * @param apache what Apache does otherwise; empty: the same
     */
    record Key(
            String name,
            String otherwise,
            String allowed,
            String unit,
            String meaning,
            String apache) {
        private static Key of(String line) {
            String[] cells = line.split("\\|", -1);
            assert cells.length == CELLS : line;
            List<String> parts = Arrays.stream(cells).map(String::strip).toList();
            return new Key(
                    parts.get(0),
                    parts.get(1),
                    parts.get(2),
                    parts.get(3),
                    parts.get(4),
                    parts.get(5));
        }

        /** Whether it stands for many. */
        boolean isPattern() {
            return name.contains("<");
        }
    }

    /** Keys that belong together. */
    record Section(String title, List<Key> keys) {
        private static Section of(String title, String table) {
            List<Key> keys = new ArrayList<>();
            table.lines().map(Key::of).forEach(keys::add);
            return new Section(title, List.copyOf(keys));
        }
    }

    /** All of them, in the order in which they are read best. */
    static List<Section> sections() {
        return List.of(
                Section.of("Of the file alone", OF_THE_FILE_ALONE),
                Section.of("Clients and limits", CLIENTS_AND_LIMITS),
                Section.of("Disk", DISK),
                Section.of("Tree", TREE),
                Section.of("Security", SECURITY),
                Section.of("SASL towards clients", SASL_TOWARDS_CLIENTS),
                Section.of("TLS at the client ports", TLS_AT_THE_CLIENT_PORTS),
                Section.of("Administration", ADMINISTRATION),
                Section.of("Of an ensemble", OF_AN_ENSEMBLE));
    }

    /** What is said of a key; the keys of TLS between servers mean what those for clients mean. */
    static Optional<Key> of(String name) {
        String said = name.replaceFirst("^ssl\\.quorum\\.", "ssl.");
        return sections().stream()
                .flatMap(section -> section.keys().stream())
                .filter(key -> key.name().equals(said))
                .findFirst();
    }
}

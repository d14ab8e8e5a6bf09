package io.loomkeeper.server;

import io.loomkeeper.server.Settings.Given;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys that Apache's server knows and this one does not obey, each with the reason, and the one
 * warning line that names those that were set. A key set to the value at which it asks for nothing
 * is obeyed as it stands, and not named.
 */
final class UnsupportedKeys {
    /**
     * A key, or the beginning of keys when it ends in a star, and the value that asks for nothing.
     */
    record Rule(String key, Optional<String> harmless, String reason) {
        /** From {@code key}, {@code key=harmless} or {@code prefix*}. */
        private static Rule of(String pattern, String reason) {
            int equals = pattern.indexOf('=');
            return equals < 0
                    ? new Rule(pattern, Optional.empty(), reason)
                    : new Rule(
                            pattern.substring(0, equals),
                            Optional.of(pattern.substring(equals + 1)),
                            reason);
        }

        private boolean holdsFor(String other) {
            return key.endsWith("*")
                    ? other.startsWith(key.substring(0, key.length() - 1))
                    : other.equals(key);
        }

        private boolean isHarmless(String value) {
            return harmless.isPresent() && harmless.get().equalsIgnoreCase(value);
        }
    }

    private final List<Rule> rules = new ArrayList<>();

    /** Of a server that stands alone. */
    UnsupportedKeys() {
        this(false);
    }

    /**
     * @param ensemble whether this server is a member of one
     */
    UnsupportedKeys(boolean ensemble) {
        reason(
                ensemble ? "not implemented yet for an ensemble" : "only an ensemble uses it",
                "initLimit syncLimit connectToLearnerMasterLimit electionAlg=3 peerType=participant"
                        + " quorumListenOnAllIPs=false syncEnabled=true observer.syncEnabled=true observerMasterPort=0"
                        + " observerMaster.* localSessionsEnabled=false localSessionsUpgradingEnabled=false"
                        + " quorum.auth.enableSasl=false quorum.auth.learnerRequireSasl=false"
                        + " quorum.auth.serverRequireSasl=false quorum.* multiAddress.enabled=false multiAddress.* oraclePath snapshotSizeFactor"
                        + " forceSnapshotSync=false commitLogCount leader.nodelay=true follower.nodelay=true leaderServes=yes cnxTimeout quorumCnxnTimeoutMs"
                        + " fastleader.* electionPortBindRetry leader.* learner.* follower.* observer.*"
                        + " leaderConnectDelayDuringRetryMs tcpKeepAlive=false commitProcessor.*"
                        + " forward_learner_requests_to_commit_processor_disabled=false messageTracker.*"
                        + " closeSessionTxn.enabled=true"
                        + " kerberos.canonicalizeHostNames=false sslQuorum=false portUnification=false"
                        + " sslQuorumReloadCertFiles=false ssl.quorum.*");
        reason(
                "TLS is the JDK's, and no name is looked up by its address",
                "ssl.context.supplier.class ssl.sslProvider=JDK ssl.authProvider=x509"
                        + " ssl.allowReverseDnsLookup=false ssl.*"
                        + " netty.server.earlyDropSecureConnectionHandshakes=false netty.*"
                        + " X509AuthenticationProvider.*");
        reason(
                "SASL is the JDK's, and what a server accepts needs no renewing",
                "sasl.* kerberos.* requireKerberosConfig kinit letAnySaslUserDoX"
                        + " SASLAuthenticationProvider.*");
        reason(
                "there are no pluggable or ensemble authentication schemes yet",
                "authProvider.* ensembleAuthName IPAuthenticationProvider.*");
        reason("the admin server speaks HTTP/1.1, and only that", "admin.httpVersion=11");
        reason(
                "figures are recorded where they arise; there is nothing to hand them over to",
                "metricsProvider.numWorkerThreads metricsProvider.maxQueueSize"
                        + " metricsProvider.workerShutdownTimeoutMs");
        reason(
                "the audit log goes where the log goes, and no class is loaded for it",
                "audit.impl.class=org.apache.zookeeper.audit.Slf4jAuditLogger audit.*");
        reason("paths are not counted", "pathStats.enabled=false pathStats.*");
        reason(
                "not implemented yet",
                "connection_throttle_freeze_time=-1 connection_throttle_weight_enabled=false"
                        + " connection_throttle_* jvm.pause.monitor=false"
                        + " jvm.pause.* enableEagerACLCheck=false");
        reason(
                "requests under way are bounded by number and by bytes, and whoever sends more waits",
                "request_throttle_max_requests=0 request_throttle_* request_throttler.*"
                        + " request_stale_latency_check=false request_stale_connection_check"
                        + " throttled_op_wait_time=0 largeRequestThreshold=-1 largeRequestMaxBytes");
        reason(
                "replies are not cached, because serving from the tree is no slower",
                "maxResponseCacheSize=0 maxGetChildrenResponseCacheSize=0");
        reason(
                "threads, buffers and flushes are arranged differently here",
                "serverCnxnFactory nio.* intBufferStartingSizeBytes flushDelay=0 maxWriteQueuePollTime"
                        + " maxBatchSize watchManagerName watcherClean* maxInProcessingDeadWatchers"
                        + " bitHashCacheSize");
        reason("space for the log is reserved in small steps, just ahead of it", "preAllocSize");
        reason(
                "it concerns Apache's own files",
                "snapshot.compression.method snapshot.trust.empty=false db.autocreate"
                        + " serializeLastProcessedZxid.enabled emulate353TTLNodes=false");
        reason("logging and JMX are set up elsewhere", "log.* root.* console.* tracelog.* jmx.*");
        reason("it concerns tests of Apache's server", "test.* testingonly.*");
        reason(
                "clients read it, servers do not",
                "client.* clientCnxnSocket disableAutoWatchReset request.timeout shuffleDnsResponse"
                        + " hostProvider.* server.principal server.realm");
    }

    private void reason(String reason, String patterns) {
        for (String pattern : patterns.split(" ", -1)) {
            rules.add(Rule.of(pattern, reason));
        }
    }

    /** All of them; where two fit a key, the one that stands first counts. */
    List<Rule> rules() {
        return List.copyOf(rules);
    }

    /** The one line that names every setting without effect, grouped by reason; none, no line. */
    Optional<String> warning(List<Given> unasked) {
        Map<String, List<String>> namesByReason = new LinkedHashMap<>();
        for (Given given : unasked) {
            reasonAgainst(given)
                    .ifPresent(
                            reason ->
                                    namesByReason
                                            .computeIfAbsent(reason, _ -> new ArrayList<>())
                                            .add(given.name()));
        }
        if (namesByReason.isEmpty()) {
            return Optional.empty();
        }
        List<String> groups = new ArrayList<>();
        namesByReason.forEach(
                (reason, names) -> groups.add(String.join(", ", names) + " (" + reason + ")"));
        return Optional.of("not supported and without effect: " + String.join("; ", groups));
    }

    /** Why a setting has no effect; empty when it asks for nothing. */
    private Optional<String> reasonAgainst(Given given) {
        String key = key(given);
        if (given.line() == 0 && Settings.isFileOnly(key)) {
            return Optional.of("it is read from the file only");
        }
        if (given.line() == 0 && Settings.isBare(key)) {
            return Optional.of("it is read as -D" + key);
        }
        for (Rule rule : rules) {
            if (rule.holdsFor(key)) {
                return rule.isHarmless(given.value())
                        ? Optional.empty()
                        : Optional.of(rule.reason());
            }
        }
        return Optional.of(
                key.startsWith(Settings.PREFIX)
                        ? "in a file a key stands without the prefix zookeeper."
                        : "no such key");
    }

    private static String key(Given given) {
        String prefix = "-D" + Settings.PREFIX;
        return given.name().startsWith(prefix)
                ? given.name().substring(prefix.length())
                : given.name();
    }
}

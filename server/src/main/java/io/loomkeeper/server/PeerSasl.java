package io.loomkeeper.server;

import io.loomkeeper.net.PeerProof;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import org.jspecify.annotations.Nullable;

/** SASL between servers (protocol 18.4), at the quorum and the election port. */
final class PeerSasl implements PeerProof {
    private static final SaslTalk.DigestNames NAMES =
            new SaslTalk.DigestNames("zookeeper-quorum", "zk-quorum-sasl-md5");
    private static final String ANY_HOST = "_HOST";

    private final PeerSaslConfig config;
    private final JaasSection others;
    private JaasSection own;

    private PeerSasl(PeerSaslConfig config, JaasSection own, JaasSection others) {
        this.config = config;
        this.own = own;
        this.others = others;
    }

    /**
     * Reads both sections of jaas.conf.
     *
     * @return null when it is off
     * @throws IOException when a section is missing, or nobody can log in
     */
    static @Nullable PeerSasl open(PeerSaslConfig config) throws IOException {
        if (!config.isOn()) {
            return null;
        }
        return new PeerSasl(
                config,
                section(config, config.learnerSection()),
                section(config, config.serverSection()));
    }

    private static JaasSection section(PeerSaslConfig config, String name) throws IOException {
        JaasSection section =
                JaasSection.open(config.jaasFile(), name)
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                "there is no section "
                                                        + name
                                                        + " in "
                                                        + config.jaasFile()));
        if (!section.isAllowed(config.fips())) {
            throw new IOException(
                    "section " + name + " is for DIGEST-MD5, which needs fips-mode=false");
        }
        return section;
    }

    @Override
    public boolean isGiven() {
        return config.isGiven();
    }

    @Override
    public boolean isNeeded() {
        return config.isNeeded();
    }

    @Override
    public Exchange judging(Set<String> hosts) throws IOException {
        Map<String, String> passwords =
                others instanceof JaasSection.Digest digest ? digest.passwords() : Map.of();
        SaslTalk talk =
                SaslTalk.start(
                        others,
                        NAMES,
                        new SaslCallbacks(
                                passwords, (proved, wished) -> memberOf(proved, wished, hosts)));
        return new Exchange() {
            @Override
            public byte @Nullable [] answer(byte[] token) throws IOException {
                return talk.answer(token);
            }

            @Override
            public boolean isDone() {
                return talk.isDone();
            }
        };
    }

    /**
     * Whether who has proved a name is a member: with DIGEST-MD5 whoever knows a password, with
     * Kerberos {@code service/host@realm} of a host of the configuration. A principal without a
     * host is nobody's (G-6).
     */
    private @Nullable String memberOf(String authenticated, String wished, Set<String> hosts) {
        if (!authenticated.equals(wished)) {
            return null;
        }
        return others instanceof JaasSection.Digest || isOfMember(authenticated, hosts)
                ? authenticated
                : null;
    }

    static boolean isOfMember(String principal, Set<String> hosts) {
        int slash = principal.indexOf('/');
        int at = principal.indexOf('@');
        return slash > 0
                && at > slash + 1
                && at + 1 < principal.length()
                && principal.indexOf('/', slash + 1) < 0
                && principal.indexOf('@', at + 1) < 0
                && hosts.contains(principal.substring(slash + 1, at));
    }

    /**
     * As whom this server comes to others. With Kerberos it logs in anew before its ticket ends;
     * while that fails, the ticket is used as long as it is good.
     */
    synchronized JaasSection own(long nowMs) throws IOException {
        if (own instanceof JaasSection.Principal principal && principal.isDue(nowMs)) {
            try {
                own = section(config, config.learnerSection());
            } catch (IOException e) {
                if (principal.isOver(nowMs)) {
                    throw e;
                }
            }
        }
        return own;
    }

    @Override
    public Exchange giving(String host) throws IOException {
        JaasSection giver = own(System.currentTimeMillis());
        SaslClient client =
                switch (giver) {
                    case JaasSection.Digest digest ->
                            Sasl.createSaslClient(
                                    new String[] {"DIGEST-MD5"},
                                    digest.user(),
                                    NAMES.protocol(),
                                    NAMES.server(),
                                    Map.of(),
                                    callbacks -> answer(callbacks, digest));
                    case JaasSection.Principal(var subject, var name) ->
                            SaslTalk.as(subject, () -> kerberos(name, host));
                };
        if (client == null) {
            throw new SaslException("this JDK has not the mechanism");
        }
        return new Giving(client, giver);
    }

    private static final class Giving implements Exchange {
        private final SaslClient client;
        private final JaasSection giver;
        private boolean begun;

        Giving(SaslClient client, JaasSection giver) {
            this.client = client;
            this.giver = giver;
        }

        /** Who begins has nothing to answer, unless the mechanism says so. */
        @Override
        public byte @Nullable [] answer(byte[] token) throws IOException {
            boolean isFirst = !begun;
            begun = true;
            if (isFirst && !client.hasInitialResponse()) {
                return null;
            }
            return giver instanceof JaasSection.Principal(var subject, _)
                    ? SaslTalk.as(subject, () -> client.evaluateChallenge(token))
                    : client.evaluateChallenge(token);
        }

        @Override
        public boolean isDone() {
            return client.isComplete();
        }
    }

    private @Nullable SaslClient kerberos(String principal, String host) throws SaslException {
        String service = config.servicePrincipal();
        int slash = service.indexOf('/');
        String instance = slash < 0 ? "" : service.substring(slash + 1);
        int at = instance.indexOf('@');
        String named = at < 0 ? instance : instance.substring(0, at);
        return Sasl.createSaslClient(
                new String[] {"GSSAPI"},
                principal,
                slash < 0 ? service : service.substring(0, slash),
                named.equals(ANY_HOST) ? host.toLowerCase(Locale.ROOT) : named,
                Map.of(),
                callbacks -> {
                    throw new UnsupportedCallbackException(callbacks[0]);
                });
    }

    private static void answer(Callback[] callbacks, JaasSection.Digest digest)
            throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            switch (callback) {
                case NameCallback name -> name.setName(digest.user());
                case PasswordCallback password ->
                        password.setPassword(digest.password().toCharArray());
                case RealmCallback realm -> realm.setText(realm.getDefaultText());
                default -> throw new UnsupportedCallbackException(callback);
            }
        }
    }
}

package io.loomkeeper.server;

import io.loomkeeper.net.SaslConversation;
import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.AuthSchemes;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.KeeperError;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.sasl.SaslException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SASL towards clients (protocol 18.3). Any thread may start a conversation. */
final class ClientSasl {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSasl.class);
    private static final String SUPER = "super";

    private final SaslConfig config;
    private final JaasSection section;
    private final KerberosNames names;

    private ClientSasl(SaslConfig config, JaasSection section) {
        this.config = config;
        this.section = withSuper(section, config);
        names = config.names().open();
    }

    /** SASLAuthenticationProvider.superPassword counts before what the file says. */
    private static JaasSection withSuper(JaasSection section, SaslConfig config) {
        if (!(section instanceof JaasSection.Digest digest) || config.superPassword().isEmpty()) {
            return section;
        }
        Map<String, String> more = new HashMap<>(digest.passwords());
        more.put(SUPER, config.superPassword().get().text());
        return new JaasSection.Digest(more, digest.user(), digest.password());
    }

    /**
     * Reads the section of jaas.conf.
     *
     * @return null when there is none, and so no SASL
     * @throws IOException when it cannot be read or used, or is missing although it was asked for
     */
    static @Nullable ClientSasl open(SaslConfig config) throws IOException {
        if (config.jaasFile().isEmpty()) {
            if (config.isSectionNeeded() || config.isRequired()) {
                throw new IOException(
                        "SASL is asked for, and -D" + SaslConfig.JAAS_FILE + " is not set");
            }
            return null;
        }
        Optional<JaasSection> section = JaasSection.open(config.jaasFile().get(), config.section());
        if (section.isEmpty()) {
            if (config.isSectionNeeded() || config.isRequired()) {
                throw new IOException(
                        "there is no section "
                                + config.section()
                                + " in "
                                + config.jaasFile().get());
            }
            return null;
        }
        if (!section.get().isAllowed(config.fips())) {
            LOG.warn(
                    "section {} is for DIGEST-MD5, which fips-mode forbids: all of its users are"
                            + " refused, unless fips-mode=false",
                    config.section());
        }
        return new ClientSasl(config, section.get());
    }

    /** With one client. What it has proved counts, never as whom it would like to act. */
    SaslConversation start(AuthSchemes schemes) {
        return new Conversation(schemes);
    }

    private final class Conversation implements SaslConversation {
        private final AuthSchemes schemes;
        private @Nullable SaslTalk talk;

        Conversation(AuthSchemes schemes) {
            this.schemes = schemes;
        }

        @Override
        public Turn onToken(Bytes token, List<AuthId> identities) {
            try {
                return answer(token, identities);
            } catch (SaslException e) {
                LOG.info("a client failed to authenticate: {}", e.getMessage());
                return config.servesFailed() && !config.isRequired()
                        ? new Turn.Reply(null, identities)
                        : new Turn.Refused(
                                config.isRequired()
                                        ? KeeperError.SESSION_CLOSED_REQUIRE_SASL_AUTH
                                        : KeeperError.AUTH_FAILED);
            }
        }

        private Turn answer(Bytes token, List<AuthId> identities) throws SaslException {
            SaslTalk current = talk;
            if (current == null) {
                current = begun();
                talk = current;
            }
            byte[] reply = current.answer(token.toArray());
            List<AuthId> now = identities;
            if (current.isDone()) {
                now = schemes.onProved(new AuthId(AuthSchemes.SASL, current.id()), identities);
                if (now == null) {
                    throw new SaslException("too many identities");
                }
                LOG.debug("{} has authenticated", current.id());
            }
            return new Turn.Reply(reply == null ? null : Bytes.of(reply), now);
        }

        private SaslTalk begun() throws SaslException {
            if (!section.isAllowed(config.fips())) {
                throw new SaslException("fips-mode forbids DIGEST-MD5");
            }
            Map<String, String> passwords =
                    section instanceof JaasSection.Digest digest ? digest.passwords() : Map.of();
            return SaslTalk.start(
                    section,
                    SaslTalk.DigestNames.CLIENTS,
                    new SaslCallbacks(passwords, (proved, _) -> names.idOf(proved)));
        }
    }
}

package io.loomkeeper.server;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import javax.security.auth.Subject;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.jspecify.annotations.Nullable;

/** This server's side of one exchange of SASL tokens. One thread calls. */
final class SaslTalk {
    /** The names of service and server that DIGEST-MD5 mixes into its hashes. */
    record DigestNames(String protocol, String server) {
        static final DigestNames CLIENTS = new DigestNames("zookeeper", "zk-sasl-md5");
    }

    private final SaslServer server;
    private final @Nullable Subject subject;

    private SaslTalk(SaslServer server, @Nullable Subject subject) {
        this.server = server;
        this.subject = subject;
    }

    /**
     * Begins one.
     *
     * @throws SaslException when the JDK has not the mechanism, or the principal no host
     */
    static SaslTalk start(JaasSection section, DigestNames names, SaslCallbacks callbacks)
            throws SaslException {
        return switch (section) {
            case JaasSection.Digest _ ->
                    new SaslTalk(
                            found(
                                    Sasl.createSaslServer(
                                            "DIGEST-MD5",
                                            names.protocol(),
                                            names.server(),
                                            Map.of(),
                                            callbacks)),
                            null);
            case JaasSection.Principal(var subject, var name) ->
                    new SaslTalk(as(subject, () -> gssapi(name, callbacks)), subject);
        };
    }

    /**
     * @param principal {@code service/host@realm}
     */
    private static SaslServer gssapi(String principal, SaslCallbacks callbacks)
            throws SaslException {
        int slash = principal.indexOf('/');
        int at = principal.indexOf('@', slash);
        if (slash < 0 || at < 0) {
            throw new SaslException(principal + " is not of the form service/host@realm");
        }
        return found(
                Sasl.createSaslServer(
                        "GSSAPI",
                        principal.substring(0, slash),
                        principal.substring(slash + 1, at),
                        Map.of(),
                        callbacks));
    }

    private static SaslServer found(@Nullable SaslServer server) throws SaslException {
        if (server == null) {
            throw new SaslException("this JDK has not the mechanism");
        }
        return server;
    }

    /**
     * What to answer to a token; null when there is nothing to say.
     *
     * @throws SaslException when the other end has not proved what it should
     */
    byte @Nullable [] answer(byte[] token) throws SaslException {
        if (server.isComplete()) {
            throw new SaslException("it is over");
        }
        try {
            return subject == null
                    ? server.evaluateResponse(token)
                    : as(subject, () -> server.evaluateResponse(token));
        } catch (RuntimeException e) {
            // of bytes that anybody may send, mechanisms expect some forms only
            throw new SaslException(e.toString(), e);
        }
    }

    boolean isDone() {
        return server.isComplete();
    }

    /** Who the other end is, once it is done. */
    String id() {
        return server.getAuthorizationID();
    }

    /** Does something as somebody who is logged in. */
    static <T extends @Nullable Object> T as(Subject subject, Callable<T> action)
            throws SaslException {
        try {
            return Subject.callAs(subject, action);
        } catch (CompletionException e) {
            throw e.getCause() instanceof SaslException cause
                    ? cause
                    : new SaslException(e.toString(), e);
        }
    }
}

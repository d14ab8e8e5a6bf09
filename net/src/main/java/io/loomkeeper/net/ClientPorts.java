package io.loomkeeper.net;

import io.loomkeeper.tree.AuthId;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What client connections need of the server. Each port is called on connections' own threads, many
 * at once, and may take its time; none is called under a lock.
 *
 * @param meter told of every frame
 * @param fatal told of an Error that ended a thread: the process cannot be trusted any more
 */
public record ClientPorts(
        RequestSink sink,
        LocalReads reads,
        Words words,
        Authenticator authenticator,
        ClientMeter meter,
        Consumer<Throwable> fatal) {

    /** The state that reads are answered from without passing through the pipeline. */
    public interface LocalReads {
        /** The newest version that the pipeline has published. */
        Version published();

        /** One immutable version of the state. */
        interface Version {
            /** The last transaction in it; the zxid of every reply computed from it. */
            long zxid();

            /** Answers a read that sets no watch. */
            Response read(Request.Read read, long sessionId, List<AuthId> identities);
        }
    }

    /** The four-letter words (protocol 21). */
    public interface Words {
        /**
         * The text that a connection gets before it is closed; null when there is no such word.
         *
         * @param word four characters
         * @param argument for {@code stmk} the long that follows it, else 0
         */
        @Nullable String answer(String word, long argument);
    }

    /** Turns what a client presents into identities (protocol 8.4 and 8.5). */
    public interface Authenticator {
        /**
         * Judges an auth packet.
         *
         * @param identities of the connection so far
         * @return of the connection from now on; null when the client is refused
         */
        @Nullable List<AuthId> onAuth(Request.Auth packet, List<AuthId> identities);

        /**
         * Takes over whom a certificate shows that has been found good.
         *
         * @param subject its distinguished name, as RFC 2253 writes it
         * @param identities of the connection so far
         * @return of the connection from now on; null when the client is refused
         */
        @Nullable List<AuthId> onCertificate(String subject, List<AuthId> identities);

        /** A client begins to authenticate by SASL; null when there is none. */
        @Nullable SaslConversation startSasl();

        /** Whether these identities may ask for anything but auth (protocol 8.6). */
        default boolean admits(List<AuthId> identities) {
            return true;
        }
    }
}

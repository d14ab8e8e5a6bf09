package io.loomkeeper.conformance.apache;

import io.loomkeeper.conformance.ServerUnderTest;
import java.util.concurrent.atomic.AtomicReference;

/** The process started last: Apache's tests ask for metrics without saying of which server. */
public final class LastServer {
    private static final AtomicReference<ServerUnderTest> SERVER = new AtomicReference<>();

    private LastServer() {}

    static void set(ServerUnderTest server) {
        SERVER.set(server);
    }

    /** The answer of that server to a four-letter word. */
    public static String fourLetterWord(String word) {
        return SERVER.get().fourLetterWord(word);
    }
}

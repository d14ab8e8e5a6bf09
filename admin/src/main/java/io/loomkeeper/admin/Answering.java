package io.loomkeeper.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

/** Sends answers. */
final class Answering {
    private Answering() {}

    static void send(ServerResponse response, Fields fields) {
        send(response, "application/json", JsonText.of(fields) + '\n');
    }

    static void send(ServerResponse response, String type, String text) {
        response.header(HeaderNames.CONTENT_TYPE, type);
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.send(text.getBytes(UTF_8));
    }
}

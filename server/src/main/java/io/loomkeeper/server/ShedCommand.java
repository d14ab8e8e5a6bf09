package io.loomkeeper.server;

import io.loomkeeper.admin.Command;
import io.loomkeeper.admin.Command.Method;
import io.loomkeeper.admin.Command.Reply;
import io.loomkeeper.admin.Fields;
import io.loomkeeper.net.ClientLink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin server's command that closes a share of the clients' connections, picked by chance, so
 * that clients spread anew over the servers of an ensemble: with the names, statuses and fields of
 * Apache's server after 3.9. Their sessions live on.
 */
record ShedCommand(Links links) {
    private static final Logger LOG = LoggerFactory.getLogger(ShedCommand.class);
    private static final int BAD_REQUEST = 400;
    private static final int CONTENT_BYTES_MAX = 1024;
    private static final int ALL = 100;

    /** All that is read of the object that was sent. */
    private static final Pattern PERCENTAGE =
            Pattern.compile(
                    "\\{[^{}]*\"percentage\"\\s*:\\s*(-?\\d{1,9})\\s*[,}].*", Pattern.DOTALL);

    /** The clients' connections. */
    interface Links {
        void forEach(Consumer<ClientLink> visitor);
    }

    Command command() {
        return new Command(
                List.of("shed_connections", "shed"),
                Command.Needs.CREDENTIALS,
                Method.POST,
                (_, content) -> shed(content));
    }

    private Reply shed(InputStream content) {
        String asked;
        try {
            asked = new String(content.readNBytes(CONTENT_BYTES_MAX), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return Reply.refused(BAD_REQUEST, "the request cannot be read: " + e.getMessage());
        }
        Matcher found = PERCENTAGE.matcher(asked.strip());
        if (!found.matches()) {
            return Reply.refused(
                    BAD_REQUEST,
                    "send an object with the field percentage, such as {\"percentage\":30}");
        }
        int percentage = Integer.parseInt(found.group(1));
        if (percentage < 0 || percentage > ALL) {
            return Reply.refused(BAD_REQUEST, "percentage must be between 0 and 100");
        }
        int closed = close(percentage);
        LOG.info("Shed {} connections ({}%)", closed, percentage);
        return Reply.of(
                new Fields()
                        .put("connections_shed", closed)
                        .put("percentage_requested", percentage));
    }

    private int close(int percentage) {
        List<ClientLink> all = new ArrayList<>();
        links.forEach(all::add);
        Collections.shuffle(all, ThreadLocalRandom.current());
        int many = Math.round(all.size() * percentage / (float) ALL);
        all.subList(0, many).forEach(ClientLink::close);
        return many;
    }
}

package io.loomkeeper.zab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Links that learners opened while this server was still looking: they may have seen first that it
 * is elected. They wait, with what they said, for its role.
 */
final class EarlyLinks {
    /** More than any ensemble has servers; each of them says one thing and waits. */
    private static final int LINKS_MAX = 64;

    private static final int MESSAGES_MAX = 1;

    private final Links links;
    private final TreeMap<Long, List<Message>> waiting = new TreeMap<>();

    EarlyLinks(Links links) {
        this.links = links;
    }

    void onAccepted(long link) {
        if (waiting.size() < LINKS_MAX) {
            waiting.put(link, new ArrayList<>(MESSAGES_MAX));
        } else {
            links.close(link);
        }
    }

    void onMessage(long link, Message message) {
        List<Message> said = waiting.get(link);
        if (said == null) {
            return;
        }
        if (said.size() < MESSAGES_MAX) {
            said.add(message);
        } else {
            waiting.remove(link);
            links.close(link);
        }
    }

    void onLinkDown(long link) {
        waiting.remove(link);
    }

    /** This server leads. */
    void handTo(Leading leading) {
        for (Map.Entry<Long, List<Message>> link : waiting.entrySet()) {
            leading.onAccepted(link.getKey());
            for (Message message : link.getValue()) {
                leading.onMessage(link.getKey(), message);
            }
        }
        waiting.clear();
    }

    /** This server does not lead. */
    void closeAll() {
        waiting.keySet().forEach(links::close);
        waiting.clear();
    }
}

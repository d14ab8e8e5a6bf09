package io.loomkeeper.server;

import io.loomkeeper.zab.Links;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;

/**
 * The links to the other servers, with an eye on what learners are sent: which of them lack no more
 * than a part of the history. (An image is counted where it is made.)
 *
 * @param onDiff told of each that is sent no image
 */
record CountedLinks(Links links, Runnable onDiff) implements Links {
    @Override
    public void notify(long sid, Notification notification) {
        links.notify(sid, notification);
    }

    @Override
    public long dial(long sid) {
        return links.dial(sid);
    }

    @Override
    public void send(long link, Message message) {
        if (message instanceof Message.Diff || message instanceof Message.Trunc) {
            onDiff.run();
        }
        links.send(link, message);
    }

    @Override
    public void sendHistory(long link, long afterZxid, long lastZxid) {
        links.sendHistory(link, afterZxid, lastZxid);
    }

    @Override
    public void close(long link) {
        links.close(link);
    }
}

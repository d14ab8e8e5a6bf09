package io.loomkeeper.server;

import io.loomkeeper.zab.Links;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;

/** The links to the other servers, with an eye on what learners are sent. */
record CountedLinks(Links links, EnsembleMeter meter) implements Links {
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
        meter.onSent(link, message);
        links.send(link, message);
    }

    @Override
    public void sendHistory(long link, long afterZxid, long lastZxid) {
        links.sendHistory(link, afterZxid, lastZxid);
    }

    @Override
    public void close(long link) {
        meter.onEnded(link);
        links.close(link);
    }
}

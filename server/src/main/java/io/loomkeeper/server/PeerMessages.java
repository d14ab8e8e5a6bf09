package io.loomkeeper.server;

import io.loomkeeper.net.PeerSink;
import io.loomkeeper.zab.Message;
import io.loomkeeper.zab.Notification;

/** Carries what the other servers say into the ring, and counts it when its turn comes. */
record PeerMessages(RequestRing ring, EnsembleMeter meter) implements PeerSink {
    /** About what a message takes beside its contents. */
    private static final int MESSAGE_BYTES = 128;

    @Override
    public boolean offerNotification(long from, Notification notification) {
        return ring.offerPeer(peer -> peer.onNotification(from, notification), MESSAGE_BYTES);
    }

    @Override
    public boolean offerReachable(long sid, boolean isReachable) {
        return ring.offerPeer(peer -> peer.onPeerReachable(sid, isReachable), MESSAGE_BYTES);
    }

    @Override
    public boolean offerAccepted(long link) {
        return ring.offerPeer(peer -> peer.onAccepted(link), MESSAGE_BYTES);
    }

    @Override
    public boolean offerLinkUp(long link) {
        return ring.offerPeer(peer -> peer.onLinkUp(link), MESSAGE_BYTES);
    }

    @Override
    public boolean offerLinkDown(long link) {
        return ring.offerPeer(
                peer -> {
                    meter.onEnded(link);
                    peer.onLinkDown(link);
                },
                MESSAGE_BYTES);
    }

    @Override
    public boolean offerMessage(long link, Message message) {
        return ring.offerPeer(
                peer -> {
                    meter.onReceived(message);
                    peer.onMessage(link, message);
                },
                MESSAGE_BYTES + (int) message.contentBytes());
    }

    @Override
    public boolean offerProgress(long link) {
        return ring.offerPeer(peer -> peer.onProgress(link), MESSAGE_BYTES);
    }
}

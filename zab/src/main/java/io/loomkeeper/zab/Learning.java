package io.loomkeeper.zab;

/** Under construction. */
final class Learning implements Role {
    Learning(Member member, Vote vote, long round) {
        throw new UnsupportedOperationException();
    }

    void begin() {}

    @Override
    public ServerState state() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String phase() {
        return "";
    }

    @Override
    public long leader() {
        return 0;
    }

    @Override
    public int epoch() {
        return 0;
    }

    @Override
    public boolean isServing() {
        return false;
    }

    @Override
    public long lastProposed() {
        return 0;
    }

    @Override
    public long lastCommitted() {
        return 0;
    }

    @Override
    public Notification notification() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onTick() {}

    @Override
    public long nextDeadlineMs() {
        return 0;
    }

    @Override
    public void onNotification(long from, Notification notification) {}

    @Override
    public void onAccepted(long link) {}

    @Override
    public void onMessage(long link, Message message) {}

    @Override
    public void onDurable(long zxid) {}
}

package io.loomkeeper.server;

import io.loomkeeper.admin.AdminServer;

/** What a supervisor is told: does the pipeline go on, are clients served? */
record ServerHealth(LiveView view) implements AdminServer.Health {
    /** Asks the pipeline something that takes it no time; it has some seconds to answer. */
    @Override
    public boolean isLive() {
        try {
            view.probe();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Override
    public boolean isReady() {
        return view.isServing();
    }

    @Override
    public String text() {
        return view.isServing() ? view.mode() : "not serving";
    }
}

package io.loomkeeper.net;

import java.util.LinkedHashSet;

/**
 * Connections that have not said yet who they are: so many at most. One more drops the oldest,
 * which had the most time to say it, so that a flood keeps nobody out who speaks at once.
 */
final class Strangers {
    private final int max;
    private final LinkedHashSet<Runnable> closers = new LinkedHashSet<>();

    Strangers(int max) {
        this.max = max;
    }

    /** One more; {@code closer} ends it. */
    void add(Runnable closer) {
        Runnable oldest = null;
        synchronized (this) {
            closers.add(closer);
            if (closers.size() > max) {
                oldest = closers.removeFirst();
            }
        }
        if (oldest != null) {
            oldest.run();
        }
    }

    /** It has said who it is, or is gone. */
    synchronized void remove(Runnable closer) {
        closers.remove(closer);
    }
}

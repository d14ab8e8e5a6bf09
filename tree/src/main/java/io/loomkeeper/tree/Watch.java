package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/**
 * One connection's interest in one path in one of the two tables, with the modes that coexist there
 * (protocol 11.2). It is its own list node, twice: a million watches are a million objects and no
 * more.
 */
final class Watch {
    static final int STANDARD = 1;
    static final int PERSISTENT = 2;
    static final int RECURSIVE = 4;
    static final int ANY = STANDARD | PERSISTENT | RECURSIVE;

    final String path;
    final Watcher watcher;
    final boolean ofData;
    byte modes;

    /** The ring of all watches of this table on this path: recursive ones first. */
    Watch nextOfPath = this;

    Watch previousOfPath = this;

    /** The list of all watches of this connection, both tables mixed. */
    @Nullable Watch nextOfWatcher;

    @Nullable Watch previousOfWatcher;

    /**
     * A watch without modes yet.
     *
     * @param ofData in the data table; else in the child table
     */
    Watch(String path, Watcher watcher, boolean ofData) {
        this.path = path;
        this.watcher = watcher;
        this.ofData = ofData;
    }

    boolean has(int mode) {
        return (modes & mode) != 0;
    }

    /** A connection that watches something. */
    static final class Watcher {
        final long id;
        @Nullable Watch first;

        /** How many of its watches are in the data table. */
        int dataWatches;

        /** The last step of firing in which it was told of something. */
        long toldInStep;

        Watcher(long id) {
            this.id = id;
        }

        void link(Watch watch) {
            watch.nextOfWatcher = first;
            if (first != null) {
                first.previousOfWatcher = watch;
            }
            first = watch;
        }

        void unlink(Watch watch) {
            Watch next = watch.nextOfWatcher;
            Watch previous = watch.previousOfWatcher;
            if (next != null) {
                next.previousOfWatcher = previous;
            }
            if (previous == null) {
                first = next;
            } else {
                previous.nextOfWatcher = next;
            }
        }
    }
}

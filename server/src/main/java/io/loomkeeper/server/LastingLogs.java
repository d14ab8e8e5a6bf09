package io.loomkeeper.server;

import java.util.logging.LogManager;

/**
 * The JDK's log manager, but one that does not fall silent when a signal ends the process: what the
 * server has to say while it stops is heard, and only then is the logging shut down. Public because
 * the JDK makes it, by its name.
 */
public final class LastingLogs extends LogManager {
    private volatile boolean lasting;

    /** From now on until {@link #end} nothing closes the handlers. */
    static void last() {
        if (LogManager.getLogManager() instanceof LastingLogs logs) {
            logs.lasting = true;
        }
    }

    /** The server has stopped. */
    static void end() {
        if (LogManager.getLogManager() instanceof LastingLogs logs) {
            logs.lasting = false;
            logs.reset();
        }
    }

    /** Called by the JDK as soon as the process is to end, on a thread of its own. */
    @Override
    public void reset() {
        if (!lasting) {
            super.reset();
        }
    }
}

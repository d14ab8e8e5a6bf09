package io.loomkeeper.server;

/** The time that the pipeline was told last. Pipeline thread only. */
final class Now {
    /** Monotonic, for deadlines. */
    long ms;

    /** Since 1970, for transactions. */
    long wallMs;
}

package io.loomkeeper.bench;

/** A thread's part of a load. */
interface Worker extends Runnable {
    /** What it counted; to be read when it has ended. */
    Tally tally();
}

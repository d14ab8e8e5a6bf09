package io.loomkeeper.log;

/**
 * The bytes {@code [from, to)} of a file, where they were stored.
 *
 * @param address of the first of them, in one shared mapping of the file that holds them all
 */
record Stored(long from, long to, long address) {}

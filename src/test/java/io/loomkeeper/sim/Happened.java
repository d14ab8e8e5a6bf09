package io.loomkeeper.sim;

import io.loomkeeper.tree.EventType;

/**
 * A change that watches may be told of.
 *
 * @param ofData watches in the data table are: on the node, and recursive ones above it
 * @param ofChild watches in the child table on the path are
 */
record Happened(long zxid, EventType type, String path, boolean ofData, boolean ofChild) {}

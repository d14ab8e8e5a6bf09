/**
 * Other people's clients, suites and servers against ours: whatever a stock ZooKeeper client can
 * observe must be what Apache ZooKeeper would have shown it. Nothing here reaches into a server:
 * each one is a process of its own.
 */
@org.jspecify.annotations.NullMarked
package io.loomkeeper.conformance;

package io.loomkeeper.net;

import java.util.function.Consumer;

/**
 * What links to other servers need of this one. Each port is called on the links' own threads.
 *
 * @param fatal told of an Error that ended a thread: the process cannot be trusted any more
 */
public record PeerPorts(PeerSink sink, HistorySource history, Consumer<Throwable> fatal) {}

package io.loomkeeper.bench;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What is compared: a server, or the servers of one ensemble, as processes that were started here.
 */
interface Contender {
    String name();

    /** Where clients connect, spread over them in turn. */
    List<InetSocketAddress> addresses();

    /** Of all its processes together. */
    ProcessUse use();

    /** Whether every process of it runs. */
    boolean isAlive();

    /** The end of what it printed. */
    String lastWords();
}

/** Pure codecs between bytes and records: no sockets, no threads. */
@NullMarked
package io.loomkeeper.net.wire;

import org.jspecify.annotations.NullMarked;

/** A load generator that speaks only the client protocol. */
@NullMarked
package io.loomkeeper.bench;

import org.jspecify.annotations.NullMarked;

/** The assembly. */
@NullMarked
package io.loomkeeper.server;

import org.jspecify.annotations.NullMarked;

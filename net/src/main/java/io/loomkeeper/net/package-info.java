/** What comes and goes on sockets. */
@NullMarked
package io.loomkeeper.net;

import org.jspecify.annotations.NullMarked;

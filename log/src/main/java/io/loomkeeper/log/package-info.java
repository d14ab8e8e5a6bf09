/** What survives a crash. */
@NullMarked
package io.loomkeeper.log;

import org.jspecify.annotations.NullMarked;

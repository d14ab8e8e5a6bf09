/** The replicated state machine. */
@NullMarked
package io.loomkeeper.tree;

import org.jspecify.annotations.NullMarked;

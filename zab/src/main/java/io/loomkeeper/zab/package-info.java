/** Agreement on order. */
@NullMarked
package io.loomkeeper.zab;

import org.jspecify.annotations.NullMarked;

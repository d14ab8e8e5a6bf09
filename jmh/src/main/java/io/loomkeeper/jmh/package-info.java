/** Micro-benchmarks. */
@NullMarked
package io.loomkeeper.jmh;

import org.jspecify.annotations.NullMarked;

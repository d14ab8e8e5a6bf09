/**
 * Micro-benchmarks of what rooms publish, and what holds them to their budgets. Those of what a
 * room keeps to itself are in that room's package, as tests are.
 */
@NullMarked
package io.loomkeeper.jmh;

import org.jspecify.annotations.NullMarked;

/**
 * Whole ensembles on one thread, from a seed: production agreement and tree on a simulated network,
 * on simulated disks, in virtual time, with every rule checked after every step.
 */
@NullMarked
package io.loomkeeper.sim;

import org.jspecify.annotations.NullMarked;

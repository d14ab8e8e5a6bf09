/**
 * Servers inside a test's own process: {@link io.loomkeeper.testkit.TestingServer} and {@link
 * io.loomkeeper.testkit.TestingCluster} with the methods of Curator's classes of these names, and
 * {@link io.loomkeeper.testkit.LoomkeeperExtension} for JUnit.
 *
 * <p>Methods that Curator calls {@code getX} are called so here, that a test can switch by its
 * imports.
 */
@NullMarked
package io.loomkeeper.testkit;

import org.jspecify.annotations.NullMarked;

/**
 * Real child processes: how a role's JVM is started, watched, measured, and brought to its end.
 *
 * <p>Fed by {@link io.homeostat.deploy.cluster}. Feeds {@link io.homeostat.deploy.demo} and the commands. No child
 * outlives its parent: a parent holds the child's standard input open, and a child stops when that ends.
 */
@NullMarked
package io.homeostat.deploy.process;

import org.jspecify.annotations.NullMarked;

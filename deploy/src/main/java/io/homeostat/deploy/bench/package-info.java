/**
 * Benchmarks against real processes, each with one line of figures.
 *
 * <p>Fed by the command {@code bench}. Feeds people and {@code docs/benchmarks.md}. A figure counts only when balances sum
 * to zero and the state digests are equal.
 */
@NullMarked
package io.homeostat.deploy.bench;

import org.jspecify.annotations.NullMarked;

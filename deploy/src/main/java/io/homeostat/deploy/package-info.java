/**
 * The command line: one class per command, thin over the packages below.
 *
 * <p>Fed by people and scripts. Feeds every part of Homeostat. Exit codes: 0 success, 1 failure, 2 bad usage.
 */
@NullMarked
package io.homeostat.deploy;

import org.jspecify.annotations.NullMarked;

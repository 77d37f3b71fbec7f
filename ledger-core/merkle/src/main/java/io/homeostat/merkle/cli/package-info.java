/**
 * The command line of this jar when it runs alone.
 *
 * <p>Fed by an auditor. Feeds {@link io.homeostat.merkle.bundle} and {@link io.homeostat.merkle.witness}.
 */
@NullMarked
package io.homeostat.merkle.cli;

import org.jspecify.annotations.NullMarked;

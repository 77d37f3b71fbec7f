/** Fakes and real engines for tests. */
@NullMarked
package io.homeostat.telemetry.testing;

import org.jspecify.annotations.NullMarked;

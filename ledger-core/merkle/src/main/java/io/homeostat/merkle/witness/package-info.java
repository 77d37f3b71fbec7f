/**
 * A witness of logs: it cosigns a head only when that head continues the one it cosigned before (C2SP tlog-witness).
 *
 * <p>Fed by logs over HTTP. Feeds whoever verifies cosigned heads. No head is cosigned before it is durable; two heads of one
 * log that this package ever cosigned are consistent; what can not be read back is never taken for a new beginning.
 */
@NullMarked
package io.homeostat.merkle.witness;

import org.jspecify.annotations.NullMarked;

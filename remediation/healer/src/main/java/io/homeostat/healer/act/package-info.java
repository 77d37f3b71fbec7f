/**
 * The two narrow ports through which anything is done: the ledger's public API and the sidecars' control API.
 *
 * <p>Fed by {@link io.homeostat.events.RecoveryAction}. Feeds {@link io.homeostat.healer.verify.RecoveryCheck}. Every call is
 * idempotent, bounded in time and size, and HTTP/1.1; a "no" is a value, a world that failed is an {@link
 * io.homeostat.healer.act.ActFault}.
 */
@NullMarked
package io.homeostat.healer.act;

import org.jspecify.annotations.NullMarked;

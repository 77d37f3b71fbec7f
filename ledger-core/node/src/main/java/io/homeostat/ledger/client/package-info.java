/**
 * A small client of the public API for programs of this project: many endpoints, retries under the idempotency key, and
 * "unknown" as an outcome of its own.
 *
 * <p>Fed by callers with transfers. Feeds {@link io.homeostat.ledger.http} over HTTP. It never makes up an outcome: what it
 * could not learn before its deadline it calls unknown.
 */
@NullMarked
package io.homeostat.ledger.client;

import org.jspecify.annotations.NullMarked;

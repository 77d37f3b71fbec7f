/**
 * The public HTTP API: admission, authentication, strict parsing, and routes; everything bad is refused here with RFC 9457
 * problem details before anything was written.
 *
 * <p>Fed by clients. Feeds {@link io.homeostat.ledger.raft} with commands; reads {@link io.homeostat.ledger.state} after a
 * read barrier. Invariants: one answer per request; no request is read before its token was checked; bodies and requests in
 * flight are bounded.
 */
@NullMarked
package io.homeostat.ledger.http;

import org.jspecify.annotations.NullMarked;

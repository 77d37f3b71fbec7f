/**
 * The desk between people and the ledger's gate: it asks, it forwards signatures, and it records what the gate decided.
 *
 * <p>Fed by {@link io.homeostat.approvals.inbox} and {@link io.homeostat.approvals.web}. Feeds the topic {@code incidents}
 * and the ledger. It holds no key and decides nothing; each case is asked for once and recorded as decided once.
 */
@NullMarked
package io.homeostat.approvals.desk;

import org.jspecify.annotations.NullMarked;

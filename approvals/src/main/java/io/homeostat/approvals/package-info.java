/**
 * Approvals: people see what is asked of them, sign, and can prove later why.
 *
 * <p>Fed by the topic {@code incidents} and the ledger's API. Feeds the topic {@code incidents}, the ledger's gate and
 * auditors. {@link io.homeostat.approvals.Approvals} is the door; it holds no key and no authority: the ledger checks.
 */
@NullMarked
package io.homeostat.approvals;

import org.jspecify.annotations.NullMarked;

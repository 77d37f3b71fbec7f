/**
 * Screens transfers for liquidity patterns: amounts against history, velocity, hours, new counterparties, fans, cycles, net
 * positions.
 *
 * <p>Fed by {@link io.homeostat.events.Topics#LEDGER_EVENTS}, decoded as docs/encoding.md says, or by a CSV file. Feeds
 * {@link io.homeostat.events.Topics#SCREENING_VERDICTS}; who signs a verdict and brings it to the ledger is told in ADR 0029:
 * no key is known here.
 *
 * <p>Invariants: a score depends on what came before in the journal's order and on nothing else; state is bounded per account,
 * per asset and in the number of accounts; what was refused or is still held teaches nothing.
 */
@NullMarked
package io.homeostat.detector.screening;

import org.jspecify.annotations.NullMarked;

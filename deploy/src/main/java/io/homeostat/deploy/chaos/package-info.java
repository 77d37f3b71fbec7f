/**
 * Faults in real node processes, and the proof that the ledger kept its word meanwhile: what clients were told is recorded
 * as a {@link io.homeostat.deploy.chaos.History} and judged by {@link io.homeostat.deploy.chaos.HistoryCheck} against the
 * journal that stands at the end.
 *
 * <p>Fed by {@link io.homeostat.deploy.process} and {@link io.homeostat.deploy.rest}. Feeds the commands. A fault lives no
 * longer than the process that made it.
 */
@NullMarked
package io.homeostat.deploy.chaos;

import org.jspecify.annotations.NullMarked;

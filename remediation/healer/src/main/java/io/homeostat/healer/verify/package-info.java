/**
 * Whether a recovery holds.
 *
 * <p>Fed by {@link io.homeostat.healer.act.LedgerApi#attestations}. Feeds {@link io.homeostat.events.IncidentEvent.RecoveryVerified}.
 * Only a digest that a majority attested at or after the recovery proves anything.
 */
@NullMarked
package io.homeostat.healer.verify;

import org.jspecify.annotations.NullMarked;

/**
 * Whether a node takes part, is isolated, is on trial or is only observed.
 *
 * <p>Fed by {@link io.homeostat.healer.incident.IncidentOpener}. Feeds {@link io.homeostat.healer.guard.QuorumGuard}. A breaker
 * moves only along its table of transitions.
 */
@NullMarked
package io.homeostat.healer.breaker;

import org.jspecify.annotations.NullMarked;

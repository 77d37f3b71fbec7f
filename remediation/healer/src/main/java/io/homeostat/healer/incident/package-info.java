/**
 * Which anomalies make one incident, and how often automation may try.
 *
 * <p>Fed by {@link io.homeostat.healer.story.StoryChannel}. Feeds {@link io.homeostat.healer.breaker.CircuitBreaker}. At most one
 * incident of a node is open, held by a unique column in the database; every event id counts once.
 */
@NullMarked
package io.homeostat.healer.incident;

import org.jspecify.annotations.NullMarked;

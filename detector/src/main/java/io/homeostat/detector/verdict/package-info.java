/**
 * Decides when evidence becomes an anomaly, how severe it is, what it points to, and when it is over.
 *
 * <p>Fed by {@link io.homeostat.detector.window} and {@link io.homeostat.detector.model}. Feeds {@link
 * io.homeostat.detector.job}, which publishes. One anomaly per node and cause is open at a time. Only hard evidence (a
 * rule on a critical signal, or the end of all telemetry of a node while others report) is CRITICAL; a model only warns
 * (ADR 0007).
 */
@NullMarked
package io.homeostat.detector.verdict;

import org.jspecify.annotations.NullMarked;

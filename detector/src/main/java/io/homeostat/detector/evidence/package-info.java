/**
 * Seals the raw window behind a verdict, so that it can be opened and judged again when telemetry has long expired.
 *
 * <p>Fed by {@link io.homeostat.detector.job}. Feeds the digest in {@link
 * io.homeostat.events.IncidentEvent.AnomalyRaised#windowDigest} and {@link io.homeostat.detector.replay}. A file is named by
 * the SHA-256 of its content.
 */
@NullMarked
package io.homeostat.detector.evidence;

import org.jspecify.annotations.NullMarked;

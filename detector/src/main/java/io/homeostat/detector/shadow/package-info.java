/**
 * A challenger scores beside the champion, on the same windows, and decides nothing.
 *
 * <p>Fed by {@link io.homeostat.detector.job}. Feeds {@link io.homeostat.events.IncidentEvent.AnomalyRaised#shadow} and
 * {@code homeostat models compare}. The challenger is the model of {@code homeostat detect}: the same code online as offline.
 */
@NullMarked
package io.homeostat.detector.shadow;

import org.jspecify.annotations.NullMarked;

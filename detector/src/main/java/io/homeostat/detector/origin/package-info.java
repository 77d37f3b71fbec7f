/**
 * Ranks the suspected origin of an incident among components that call each other.
 *
 * <p>Fed by whoever has evidence of components, from metrics, spans or logs: {@link
 * io.homeostat.detector.origin.OriginRanking} is a pure function. Feeds the command line ({@code homeostat origin}), and an
 * incident's record where one is written.
 *
 * <p>Invariants: nothing is trained and nothing is named: a ranking follows from harm, volume, topology and onset alone.
 */
@NullMarked
package io.homeostat.detector.origin;

import org.jspecify.annotations.NullMarked;

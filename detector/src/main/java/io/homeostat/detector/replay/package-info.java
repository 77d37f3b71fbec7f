/**
 * Makes verdicts again from sealed evidence: to confirm them, and to see what they would have been under other rules.
 *
 * <p>Fed by {@link io.homeostat.detector.evidence}. Feeds {@code homeostat replay} and {@code homeostat feedback}. Reads
 * files only: no Flink, no Kafka, no clock.
 */
@NullMarked
package io.homeostat.detector.replay;

import org.jspecify.annotations.NullMarked;

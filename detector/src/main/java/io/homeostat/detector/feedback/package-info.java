/**
 * What people have said about alerts, as rules of the detector: an author, a reason and a time in which the rule holds.
 *
 * <p>Fed by the topic {@link io.homeostat.events.Topics#DETECTOR_CONTROL}. Feeds {@link io.homeostat.detector.verdict}. A
 * rule changes warnings only; of hard evidence a maintenance window alone holds some back, for a time, and divergence never.
 */
@NullMarked
package io.homeostat.detector.feedback;

import org.jspecify.annotations.NullMarked;

/**
 * From scored rows to alarms: calibration to a stated budget of false alarms, hysteresis, episodes.
 *
 * <p>Fed by {@link io.homeostat.detector.model}. Feeds {@link io.homeostat.detector.offline} and the judge of {@link
 * io.homeostat.detector.job}. Everything is a function of the rows so far: the same rows give the same scores and alarms,
 * and a prefix of the rows gives a prefix of them. No Flink, no clock, no labels.
 */
@NullMarked
package io.homeostat.detector.stream;

import org.jspecify.annotations.NullMarked;

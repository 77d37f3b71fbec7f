/**
 * The job's judging over recorded telemetry, without Flink and a broker: the same decoder, windows, model and policy, fed from
 * files. Fed by {@link io.homeostat.detector.signal} and {@link io.homeostat.detector.window}. Feeds whoever scores a recording.
 */
@NullMarked
package io.homeostat.detector.rehearsal;

import org.jspecify.annotations.NullMarked;

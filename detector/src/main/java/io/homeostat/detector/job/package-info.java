/**
 * The Flink job: Kafka to windows to verdicts to Kafka, with checkpoints.
 *
 * <p>Fed by {@link io.homeostat.detector.signal}, {@link io.homeostat.detector.window}, {@link
 * io.homeostat.detector.model} and {@link io.homeostat.detector.verdict}. Feeds the topic {@link
 * io.homeostat.events.Topics#INCIDENTS}. All that decides lies in the other packages, without Flink; here is only the
 * wiring and the state that a checkpoint keeps. Nothing that travels falls to Kryo ({@code pipeline.generic-types=false}).
 */
@NullMarked
package io.homeostat.detector.job;

import org.jspecify.annotations.NullMarked;

/**
 * Gathers the samples of a node into event-time windows of one second, and compares nodes that do the same work.
 *
 * <p>Fed by {@link io.homeostat.detector.signal.OtlpDecoder}. Feeds {@link io.homeostat.detector.model} and {@link
 * io.homeostat.detector.verdict}. A late sample within the bound counts in the oldest open window; one beyond the bound
 * is dropped and counted, but stays a sign of life of its node. The watermark follows the newest data of all nodes, so
 * that one silent node holds nothing up.
 */
@NullMarked
package io.homeostat.detector.window;

import org.jspecify.annotations.NullMarked;

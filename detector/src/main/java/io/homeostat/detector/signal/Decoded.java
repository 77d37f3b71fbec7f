package io.homeostat.detector.signal;

import java.util.List;

/**
 * What one OTLP request gave, and what was dropped of it.
 *
 * @param malformed 1 when the bytes were no request of the expected kind, plus points without a usable time or value
 * @param foreign resources of services or nodes that are not judged
 * @param unsupported points of kinds that are not read: summaries and exponential histograms
 * @param ahead points with an event time too far in the future
 * @param overflow points beyond {@link DecodeLimits#maxPoints}
 */
public record Decoded(
        List<NodeSamples> batches, int malformed, int foreign, int unsupported, int ahead, int overflow) {}

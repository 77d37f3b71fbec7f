package io.homeostat.detector.signal;

import java.util.List;

/**
 * The samples of one node that came in one OTLP resource and fall into one second. An empty list is a sign of life.
 *
 * @param timeMillis event time of the newest sample
 */
public record NodeSamples(String node, long timeMillis, List<Sample> samples) {}

package io.homeostat.detector.model;

import java.util.Map;

/** The values of one node in one clean window, in the units of their signals. Flat for Flink. */
public record BaselineRow(String node, long startMillis, Map<String, Double> values) {}

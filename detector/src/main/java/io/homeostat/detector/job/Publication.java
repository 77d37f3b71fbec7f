package io.homeostat.detector.job;

/** An incident event on its way to Kafka: key and CloudEvents JSON. Flat for Flink. */
public record Publication(String node, byte[] event) {}

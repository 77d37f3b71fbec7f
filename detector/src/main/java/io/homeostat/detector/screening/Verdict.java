package io.homeostat.detector.screening;

/**
 * An answer on its way to Kafka. Flat for Flink.
 *
 * @param transfer id of the transfer that waits
 * @param evidence what the verdict rests on, canonical JSON: its SHA-256 is what is signed
 */
public record Verdict(String transfer, byte[] evidence) {}

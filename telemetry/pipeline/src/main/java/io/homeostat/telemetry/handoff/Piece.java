package io.homeostat.telemetry.handoff;

/**
 * One Kafka message: the bytes of an {@code Export*ServiceRequest}.
 *
 * @param points how many metric data points, spans or log records it holds
 */
@SuppressWarnings("ArrayRecordComponent") // made once, read once, never compared
public record Piece(byte[] value, long points) {}

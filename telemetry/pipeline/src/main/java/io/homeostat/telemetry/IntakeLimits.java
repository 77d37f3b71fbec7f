package io.homeostat.telemetry;

import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of {@link OtlpIntake}. Sizes are in bytes.
 *
 * @param bodyBytes one request as it arrives, and again when inflated
 * @param inFlightBytes all request bodies that are being received or decoded at one moment
 * @param objectsPerRequest protobuf messages (or JSON structure characters) in one request
 * @param connections open connections of each listener
 * @param idle a connection that is silent for so long is closed
 * @param resourceAttributes attributes of one resource; the rest is dropped and counted in the resource
 * @param attributeKeyBytes a resource attribute with a longer key is dropped
 * @param attributeValueBytes a longer resource attribute text is cut, any other longer value is dropped
 * @param kafkaMessageBytes one Kafka message; larger requests are divided by resource, scope and record
 * @param heldBytes telemetry that was accepted and that Kafka has not yet acknowledged
 * @param heldMessages the same, counted in Kafka messages
 * @param retryPause between two attempts to hand the same message to Kafka
 * @param retryAfter what a refused sender is told to wait
 */
public record IntakeLimits(
        int bodyBytes,
        int inFlightBytes,
        int objectsPerRequest,
        int connections,
        Duration idle,
        int resourceAttributes,
        int attributeKeyBytes,
        int attributeValueBytes,
        int kafkaMessageBytes,
        int heldBytes,
        int heldMessages,
        Duration retryPause,
        Duration retryAfter) {
    private static final int MIB = 1024 * 1024;

    public IntakeLimits {
        atLeast(bodyBytes, 1024, "bodyBytes");
        atLeast(inFlightBytes, bodyBytes, "inFlightBytes");
        atLeast(objectsPerRequest, 1, "objectsPerRequest");
        atLeast(connections, 1, "connections");
        Objects.requireNonNull(idle, "idle");
        atLeast(resourceAttributes, 1, "resourceAttributes");
        atLeast(attributeKeyBytes, 1, "attributeKeyBytes");
        atLeast(attributeValueBytes, 1, "attributeValueBytes");
        atLeast(kafkaMessageBytes, 1024, "kafkaMessageBytes");
        atLeast(heldBytes, 1024, "heldBytes");
        atLeast(heldMessages, 1, "heldMessages");
        atLeast(retryPause.toMillis(), 1, "retryPause in milliseconds");
        atLeast(retryAfter.toSeconds(), 1, "retryAfter in seconds");
    }

    /**
     * The reasons: 4 MiB is what the contract promises and what gRPC defaults to. 16 MiB in flight are four full bodies, a
     * sidecar's heap survives that. 500,000 objects are several times what 4 MiB of honest telemetry holds, while empty
     * messages of two bytes each could otherwise become hundreds of megabytes of heap. 128 connections: one node and its
     * neighbours need a dozen. 30 s idle frees what slow senders hold. 128 attributes is the SDK's own limit, 256 and
     * 4096 bytes are far beyond honest names and values. 1,000,000 bytes is the Collector's own message limit and fits a
     * broker's default of 1,048,588. 8 MiB held are minutes of one node at one export a second, and 10,000 messages bound
     * the overhead of small ones. 500 ms between attempts and 2 s for a sender are short beside a broker's restart.
     */
    public static IntakeLimits defaults() {
        return new IntakeLimits(
                4 * MIB,
                16 * MIB,
                500_000,
                128,
                Duration.ofSeconds(30),
                128,
                256,
                4096,
                1_000_000,
                8 * MIB,
                10_000,
                Duration.ofMillis(500),
                Duration.ofSeconds(2));
    }

    /** The same with another bound of what is held for Kafka, which is what small machines and tests change. */
    public IntakeLimits withHeldBytes(int bytes) {
        return new IntakeLimits(
                bodyBytes,
                inFlightBytes,
                objectsPerRequest,
                connections,
                idle,
                resourceAttributes,
                attributeKeyBytes,
                attributeValueBytes,
                kafkaMessageBytes,
                bytes,
                heldMessages,
                retryPause,
                retryAfter);
    }

    private static void atLeast(long value, long least, String field) {
        if (value < least) {
            throw new IllegalArgumentException(field + " must be at least " + least + " but is " + value);
        }
    }
}

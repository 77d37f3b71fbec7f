package io.homeostat.deploy.platform;

/**
 * Bounds of the embedded broker, so that it stays small on disk and in memory.
 *
 * @param telemetryRetentionMillis telemetry is evidence only while a window can still be sealed; 1 hour is far longer
 * @param telemetryRetentionBytes per topic; about an hour of three nodes
 * @param incidentRetentionBytes the incidents' record is the trail; the topic only has to outlive a platform that was down
 * @param segmentBytes retention works on whole segments, so they are small
 */
record EmbeddedKafkaLimits(
        long telemetryRetentionMillis, long telemetryRetentionBytes, long incidentRetentionBytes, int segmentBytes) {
    static final EmbeddedKafkaLimits DEFAULT = new EmbeddedKafkaLimits(3_600_000, 128L << 20, 256L << 20, 16 << 20);
}

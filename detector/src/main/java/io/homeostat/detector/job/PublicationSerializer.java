package io.homeostat.detector.job;

import io.homeostat.events.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Keyed by node, so that the events of a node keep their order. */
final class PublicationSerializer implements KafkaRecordSerializationSchema<Publication> {
    private static final long serialVersionUID = 1L;
    private static final byte[] CONTENT_TYPE =
            "application/cloudevents+json; charset=UTF-8".getBytes(StandardCharsets.US_ASCII);

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Publication value, KafkaSinkContext context, Long timestamp) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(Topics.INCIDENTS, value.node().getBytes(StandardCharsets.UTF_8), value.event());
        record.headers().add(new RecordHeader("content-type", CONTENT_TYPE));
        return record;
    }
}

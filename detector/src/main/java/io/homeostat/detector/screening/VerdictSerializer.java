package io.homeostat.detector.screening;

import io.homeostat.events.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Key = the transfer's id in ASCII, value = the evidence. */
final class VerdictSerializer implements KafkaRecordSerializationSchema<Verdict> {
    private static final long serialVersionUID = 1L;

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Verdict verdict, KafkaSinkContext context, Long timestamp) {
        return new ProducerRecord<>(
                Topics.SCREENING_VERDICTS, verdict.transfer().getBytes(StandardCharsets.US_ASCII), verdict.evidence());
    }
}

package io.homeostat.detector.screening;

import java.nio.ByteBuffer;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Key = sequence, 8 bytes big-endian; value = the leaf. What is not of that form is counted and dropped. */
@SuppressWarnings("NullAway.Init") // Flink calls open() before the first record.
final class LeafDeserializer implements KafkaRecordDeserializationSchema<LeafRecord> {
    private static final long serialVersionUID = 1L;
    private transient Counter malformed;

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        malformed = context.getMetricGroup().counter("screening.records.malformed");
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<LeafRecord> out) {
        if (record.key() == null || record.key().length != Long.BYTES || record.value() == null) {
            malformed.inc();
            return;
        }
        out.collect(new LeafRecord(ByteBuffer.wrap(record.key()).getLong(), record.value()));
    }

    @Override
    public TypeInformation<LeafRecord> getProducedType() {
        return TypeInformation.of(LeafRecord.class);
    }
}

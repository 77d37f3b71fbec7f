package io.homeostat.detector.job;

import io.homeostat.detector.control.ControlMessage;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes what people tell the detector; what is malformed is counted, logged and left out. */
@SuppressWarnings("NullAway.Init") // Flink calls open() before the first record.
final class ControlDeserializer implements KafkaRecordDeserializationSchema<ControlMessage> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(ControlDeserializer.class);

    private transient Counter malformed;

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        malformed = context.getMetricGroup().counter("detector.control.malformed");
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<ControlMessage> out) {
        try {
            out.collect(
                    ControlMessage.decode(record.value() == null ? new byte[0] : record.value(), record.timestamp()));
        } catch (IllegalArgumentException e) {
            malformed.inc();
            LOG.atWarn()
                    .addKeyValue("offset", record.offset())
                    .setCause(e)
                    .log("a message to the detector is malformed and left out");
        }
    }

    @Override
    public TypeInformation<ControlMessage> getProducedType() {
        return TypeInformation.of(ControlMessage.class);
    }
}

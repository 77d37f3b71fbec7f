package io.homeostat.detector.job;

import io.homeostat.detector.signal.DecodeLimits;
import io.homeostat.detector.signal.Decoded;
import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.OtlpDecoder;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.events.Topics;
import java.time.Clock;
import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes in the source, so that each partition gets a watermark of its own. What is dropped is counted; a line is
 * logged for the first dropped request and then at most once a minute.
 */
@SuppressWarnings("NullAway.Init") // Flink calls open() before the first record.
final class OtlpDeserializer implements KafkaRecordDeserializationSchema<NodeSamples> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(OtlpDeserializer.class);
    private static final long LOG_EVERY_MILLIS = 60_000;

    private final SignalCatalog catalog;
    private final Set<String> expectedNodes;
    private final DecodeLimits limits;
    private final Clock clock;
    private transient OtlpDecoder decoder;
    private transient Counter malformed;
    private transient Counter foreign;
    private transient Counter unsupported;
    private transient Counter ahead;
    private transient Counter overflow;
    private transient long loggedMillis;

    OtlpDeserializer(SignalCatalog catalog, Set<String> expectedNodes, DecodeLimits limits, Clock clock) {
        this.catalog = catalog;
        this.expectedNodes = expectedNodes;
        this.limits = limits;
        this.clock = clock;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        decoder = new OtlpDecoder(catalog, expectedNodes, limits);
        MetricGroup metrics = context.getMetricGroup();
        malformed = metrics.counter("detector.otlp.malformed");
        foreign = metrics.counter("detector.otlp.foreign");
        unsupported = metrics.counter("detector.otlp.unsupported");
        ahead = metrics.counter("detector.otlp.ahead");
        overflow = metrics.counter("detector.otlp.overflow");
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<NodeSamples> out) {
        byte[] bytes = record.value();
        if (bytes == null) {
            malformed.inc();
            return;
        }
        Decoded decoded = switch (record.topic()) {
            case Topics.OTLP_SPANS -> decoder.spans(bytes, clock.millis());
            case Topics.OTLP_LOGS -> decoder.logs(bytes, clock.millis());
            default -> decoder.metrics(bytes, clock.millis());
        };
        malformed.inc(decoded.malformed());
        foreign.inc(decoded.foreign());
        unsupported.inc(decoded.unsupported());
        ahead.inc(decoded.ahead());
        overflow.inc(decoded.overflow());
        int bad = decoded.malformed() + decoded.ahead() + decoded.overflow();
        if (bad > 0 && clock.millis() - loggedMillis >= LOG_EVERY_MILLIS) {
            loggedMillis = clock.millis();
            LOG.atWarn()
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .addKeyValue("malformed", decoded.malformed())
                    .addKeyValue("ahead", decoded.ahead())
                    .addKeyValue("overflow", decoded.overflow())
                    .log("telemetry dropped; further lines are held back for a minute, see the counters");
        }
        decoded.batches().forEach(out::collect);
    }

    @Override
    public TypeInformation<NodeSamples> getProducedType() {
        return TypeInformation.of(NodeSamples.class);
    }
}

package io.homeostat.detector.screening;

import io.homeostat.events.Topics;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Wires the job: journal -> movements -> screen per asset -> verdicts. {@link #main} submits the same job to a session cluster.
 *
 * <p>Without a checkpoint it begins with the topic's first record: profiles are a function of the journal. Verdicts are written
 * at least once; the ledger takes the first.
 */
public final class ScreeningJob {
    public static final String NAME = "homeostat-screening";
    /** A verdict must not wait for a buffer to fill. */
    private static final long BUFFER_TIMEOUT_MILLIS = 1;

    private ScreeningJob() {}

    /** Adds the job to the environment, which brings parallelism, checkpoints and memory. */
    public static void wire(StreamExecutionEnvironment environment, ScreeningSettings settings) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        environment.configure(configuration);
        DataStream<LeafRecord> journal = environment
                .fromSource(source(settings), WatermarkStrategy.noWatermarks(), "journal")
                .setParallelism(1)
                .uid("journal");
        // One reader, one key, one order: the same thread reads and follows, nothing waits in a buffer in between.
        DataStreamUtils.reinterpretAsKeyedStream(journal, record -> NAME, Types.STRING)
                .process(new JournalFunction(), TypeInformation.of(Movement.class))
                .setParallelism(1)
                .setBufferTimeout(BUFFER_TIMEOUT_MILLIS)
                .name("movements")
                .uid("movements")
                .keyBy(Movement::asset, Types.STRING)
                .process(
                        new ScreeningFunction(settings.limits(), OfflineScreening.budget(settings.reviewPerDay())),
                        TypeInformation.of(Verdict.class))
                .setBufferTimeout(BUFFER_TIMEOUT_MILLIS)
                .name("screen")
                .uid("screen")
                .sinkTo(sink(settings))
                .name("verdicts")
                .uid("verdicts");
    }

    /** {@code --bootstrap HOST:PORT [--group NAME] [--review-per-day N] [--accounts N]}; all else is the cluster's. */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].startsWith("--") || i + 1 == args.length) {
                throw new IllegalArgumentException("expected --name value pairs but found '" + args[i] + "'");
            }
            options.put(args[i].substring(2), args[i + 1]);
        }
        String bootstrap = options.get("bootstrap");
        if (bootstrap == null) {
            throw new IllegalArgumentException("option --bootstrap is missing");
        }
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        wire(
                environment,
                new ScreeningSettings(
                        bootstrap,
                        options.getOrDefault("group", NAME),
                        Double.parseDouble(options.getOrDefault("review-per-day", "50")),
                        ScreeningLimits.defaults()
                                .withAccounts(Integer.parseInt(options.getOrDefault("accounts", "20000")))));
        environment.execute(NAME);
    }

    private static KafkaSource<LeafRecord> source(ScreeningSettings settings) {
        return KafkaSource.<LeafRecord>builder()
                .setBootstrapServers(settings.kafkaBootstrap())
                .setGroupId(settings.consumerGroup())
                .setTopics(Topics.LEDGER_EVENTS)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setProperty("isolation.level", "read_committed")
                // A record is fetched when it is there, not when many are.
                .setProperty("fetch.min.bytes", "1")
                .setDeserializer(new LeafDeserializer())
                .build();
    }

    private static KafkaSink<Verdict> sink(ScreeningSettings settings) {
        return KafkaSink.<Verdict>builder()
                .setBootstrapServers(settings.kafkaBootstrap())
                .setProperty("linger.ms", "0")
                .setProperty("buffer.memory", Integer.toString(4 << 20))
                .setRecordSerializer(new VerdictSerializer())
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .build();
    }
}

package io.homeostat.detector.job;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.evidence.EvidenceLimits;
import io.homeostat.detector.signal.DecodeLimits;
import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.window.FeatureWindow;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.WindowLimits;
import io.homeostat.events.Topics;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * Wires the job: source -> windows per node -> judge -> sink. {@link #main} submits the same job to a session cluster.
 */
public final class DetectorJob {
    public static final String NAME = "homeostat-detector";
    /** Latency of a hop between tasks: a verdict should not wait for a full buffer. */
    private static final long BUFFER_TIMEOUT_MILLIS = 10;

    private static final long WATERMARK_INTERVAL_MILLIS = 100;

    private DetectorJob() {}

    /** Adds the job to the environment, which brings parallelism, checkpoints and memory. */
    public static void wire(StreamExecutionEnvironment environment, JobSettings settings) {
        SignalCatalog catalog = SignalCatalog.standard();
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(
                PipelineOptions.AUTO_WATERMARK_INTERVAL, java.time.Duration.ofMillis(WATERMARK_INTERVAL_MILLIS));
        environment.configure(configuration);
        environment.setBufferTimeout(BUFFER_TIMEOUT_MILLIS);
        environment
                .fromSource(source(settings, catalog), watermarks(settings.window()), "otlp")
                .uid("otlp")
                .keyBy(NodeSamples::node, Types.STRING)
                .process(new FeatureWindow(catalog, settings.window()), TypeInformation.of(NodeWindow.class))
                .name("windows")
                .uid("windows")
                .keyBy(window -> NAME, Types.STRING)
                .connect(control(environment, settings))
                .process(new JudgeFunction(settings, catalog), TypeInformation.of(Publication.class))
                .setParallelism(1)
                .name("judge")
                .uid("judge")
                .sinkTo(sink(settings))
                .setParallelism(1)
                .name("incidents")
                .uid("incidents");
    }

    /**
     * {@code --bootstrap HOST:PORT --group NAME --data DIR --nodes n1,n2,n3 [--baseline WINDOWS]}; all else comes from
     * the Flink cluster's configuration.
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        String nodes = options.getOrDefault("nodes", "");
        JobSettings settings = new JobSettings(
                require(options, "bootstrap"),
                options.getOrDefault("group", NAME),
                require(options, "data"),
                nodes.isEmpty() ? List.of() : List.of(nodes.split(",", -1)),
                Integer.parseInt(options.getOrDefault("baseline", "20")),
                DecodeLimits.defaults(),
                WindowLimits.defaults(),
                PolicyLimits.defaults(),
                EvidenceLimits.defaults());
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        wire(environment, settings);
        environment.execute(NAME);
    }

    /** From the beginning: a cold start must know every rule. Its place is in the checkpoint, not at the broker. */
    private static BroadcastStream<ControlMessage> control(
            StreamExecutionEnvironment environment, JobSettings settings) {
        KafkaSource<ControlMessage> source = KafkaSource.<ControlMessage>builder()
                .setBootstrapServers(settings.kafkaBootstrap())
                .setGroupId(settings.consumerGroup() + "-control")
                .setTopics(Topics.DETECTOR_CONTROL)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setDeserializer(new ControlDeserializer())
                .build();
        return environment
                .fromSource(source, WatermarkStrategy.forGenerator(context -> new AlwaysLate()), "control")
                .setParallelism(1)
                .uid("control")
                .broadcast(JudgeFunction.RULES, JudgeFunction.ACTS);
    }

    private static KafkaSource<NodeSamples> source(JobSettings settings, SignalCatalog catalog) {
        return KafkaSource.<NodeSamples>builder()
                .setBootstrapServers(settings.kafkaBootstrap())
                .setGroupId(settings.consumerGroup())
                .setTopics(Topics.OTLP_METRICS, Topics.OTLP_SPANS, Topics.OTLP_LOGS)
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.LATEST))
                .setDeserializer(new OtlpDeserializer(
                        catalog, new HashSet<>(settings.expectedNodes()), settings.decode(), Clock.systemUTC()))
                .build();
    }

    private static WatermarkStrategy<NodeSamples> watermarks(WindowLimits limits) {
        return WatermarkStrategy.<NodeSamples>forBoundedOutOfOrderness(limits.outOfOrder())
                .withTimestampAssigner((batch, kafkaTime) -> batch.timeMillis())
                .withIdleness(limits.idle());
    }

    private static KafkaSink<Publication> sink(JobSettings settings) {
        return KafkaSink.<Publication>builder()
                .setBootstrapServers(settings.kafkaBootstrap())
                .setRecordSerializer(new PublicationSerializer())
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .build();
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].startsWith("--") || i + 1 == args.length) {
                throw new IllegalArgumentException("expected --name value pairs but found '" + args[i] + "'");
            }
            options.put(args[i].substring(2), args[i + 1]);
        }
        return options;
    }

    private static String require(Map<String, String> options, String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException("option --" + name + " is missing");
        }
        return value;
    }
}

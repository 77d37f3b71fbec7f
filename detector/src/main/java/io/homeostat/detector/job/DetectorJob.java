package io.homeostat.detector.job;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.evidence.EvidenceLimits;
import io.homeostat.detector.signal.DecodeLimits;
import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.window.FeatureWindow;
import io.homeostat.detector.window.LateSamples;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.WindowLimits;
import io.homeostat.detector.window.WindowOperator;
import io.homeostat.events.Topics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * Wires the job: source -> windows per node -> judge -> sink. {@link #main} submits the same job to a session cluster.
 *
 * <p>Each operator that keeps state has a uid, and the number of key groups is fixed: a savepoint of one version is taken
 * over by the next, at any parallelism up to {@link #MAX_PARALLELISM}.
 */
public final class DetectorJob {
    public static final String NAME = "homeostat-detector";
    /**
     * An incident is seen when the checkpoint that holds it is complete: a quarter of a second costs a detection an
     * eighth in the mean (docs/adr/0025 has what it costs the machine).
     */
    public static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(250);
    /** Key groups: part of every savepoint, so never to be changed. */
    public static final int MAX_PARALLELISM = 128;

    /** A checkpoint that does not end holds incidents back: then rather the next one. */
    private static final Duration CHECKPOINT_TIMEOUT = Duration.ofSeconds(30);
    /** Failed checkpoints in a row before the job starts again from the last good one. */
    private static final int CHECKPOINT_FAILURES = 5;
    /** The job restarts by itself after a fault; after this many in a row it is reported as failed. */
    private static final int RESTART_ATTEMPTS = 20;
    /** Latency of a hop between tasks: a verdict should not wait for a full buffer. */
    private static final long BUFFER_TIMEOUT_MILLIS = 10;

    private static final long WATERMARK_INTERVAL_MILLIS = 100;

    private DetectorJob() {}

    /**
     * How the job keeps its state and its word wherever it runs: RocksDB with incremental checkpoints that outlive the
     * job, and restarts after a fault.
     */
    public static Configuration defaults(Duration checkpointInterval) {
        Configuration defaults = new Configuration();
        defaults.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        defaults.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        defaults.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        defaults.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
        defaults.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, CHECKPOINT_TIMEOUT);
        defaults.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, CHECKPOINT_FAILURES);
        defaults.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        defaults.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        defaults.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofSeconds(1));
        defaults.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofSeconds(30));
        defaults.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTART_ATTEMPTS);
        // Some timers per node: on the heap they cost nothing, in RocksDB a write and a read each.
        defaults.setString("state.backend.rocksdb.timer-service.factory", "HEAP");
        return defaults;
    }

    /**
     * Adds the job to the environment, which brings parallelism, checkpoints and memory.
     *
     * @return what is published, for whoever adds an operator behind it
     */
    public static DataStream<Publication> wire(StreamExecutionEnvironment environment, JobSettings settings) {
        SignalCatalog catalog = SignalCatalog.standard();
        SingleOutputStreamOperator<NodeWindow> windows = batches(environment, settings, catalog)
                .transform(
                        "windows",
                        TypeInformation.of(NodeWindow.class),
                        new WindowOperator(new FeatureWindow(catalog, settings.window())))
                .uid("windows");
        windows.getSideOutput(FeatureWindow.LATE)
                .process(new LateCount(), TypeInformation.of(LateSamples.class))
                .name("late")
                .uid("late");
        SingleOutputStreamOperator<Publication> verdicts = windows.keyBy(window -> NAME, Types.STRING)
                .connect(control(environment, settings))
                .process(new JudgeFunction(settings, catalog), TypeInformation.of(Publication.class))
                .setParallelism(1)
                .name("judge")
                .uid("judge");
        publish(verdicts, settings);
        return verdicts;
    }

    /**
     * The same job with nothing between source and sink but the hops: what detection costs is measured against it. It
     * publishes nothing.
     */
    public static void wirePassThrough(StreamExecutionEnvironment environment, JobSettings settings) {
        SingleOutputStreamOperator<Publication> nothing = batches(environment, settings, SignalCatalog.standard())
                .process(new PassThrough<NodeSamples, NodeSamples>(true), TypeInformation.of(NodeSamples.class))
                .name("windows")
                .uid("windows")
                .keyBy(batch -> NAME, Types.STRING)
                .process(new PassThrough<NodeSamples, Publication>(false), TypeInformation.of(Publication.class))
                .setParallelism(1)
                .name("judge")
                .uid("judge");
        publish(nothing, settings);
    }

    private static void publish(SingleOutputStreamOperator<Publication> events, JobSettings settings) {
        events.sinkTo(new IncidentSink(settings.kafkaBootstrap(), settings.consumerGroup() + "-incidents"))
                .setParallelism(1)
                .name("incidents")
                .uid("incidents");
    }

    private static KeyedStream<NodeSamples, String> batches(
            StreamExecutionEnvironment environment, JobSettings settings, SignalCatalog catalog) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_WATERMARK_INTERVAL, Duration.ofMillis(WATERMARK_INTERVAL_MILLIS));
        environment.configure(configuration);
        environment.setMaxParallelism(MAX_PARALLELISM);
        environment.setBufferTimeout(BUFFER_TIMEOUT_MILLIS);
        return environment
                .fromSource(source(settings, catalog), watermarks(settings.window()), "otlp")
                .uid("otlp")
                .keyBy(NodeSamples::node, Types.STRING);
    }

    /**
     * {@code --bootstrap HOST:PORT --group NAME --data DIR --nodes n1,n2,n3 [--baseline WINDOWS] [--checkpoint-millis
     * MILLIS]}. Where the cluster's configuration says something else than {@link #defaults}, it counts; checkpoints lie
     * in {@code DIR/checkpoints} unless it names a place.
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
        configure(environment, options);
        wire(environment, settings(options));
        environment.execute(NAME);
    }

    /** What {@link #main} makes of its arguments. */
    public static JobSettings settings(Map<String, String> options) {
        String nodes = options.getOrDefault("nodes", "");
        return new JobSettings(
                require(options, "bootstrap"),
                options.getOrDefault("group", NAME),
                require(options, "data"),
                nodes.isEmpty() ? List.of() : List.of(nodes.split(",", -1)),
                Integer.parseInt(options.getOrDefault("baseline", "20")),
                DecodeLimits.defaults(),
                WindowLimits.defaults(),
                PolicyLimits.defaults(),
                EvidenceLimits.defaults());
    }

    /** Our defaults where the cluster says nothing. */
    public static void configure(StreamExecutionEnvironment environment, Map<String, String> options) {
        Duration interval = options.containsKey("checkpoint-millis")
                ? Duration.ofMillis(Long.parseLong(options.get("checkpoint-millis")))
                : CHECKPOINT_INTERVAL;
        Configuration ours = defaults(interval);
        ours.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                Path.of(require(options, "data"), "checkpoints").toUri().toString());
        Set<String> said = new HashSet<>(environment.getConfiguration().toMap().keySet());
        Configuration missing = new Configuration();
        ours.toMap().forEach((key, value) -> {
            if (!said.contains(key)) {
                missing.setString(key, value);
            }
        });
        environment.configure(missing);
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
                .fromSource(source, WatermarkStrategy.forGenerator(context -> new AlwaysIdle()), "control")
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

    /** Pairs of {@code --name value}. */
    public static Map<String, String> options(String[] args) {
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

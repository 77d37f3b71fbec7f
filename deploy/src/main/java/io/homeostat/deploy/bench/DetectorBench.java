package io.homeostat.deploy.bench;

import io.homeostat.deploy.platform.EmbeddedKafka;
import io.homeostat.deploy.process.ChildProcess;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.events.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures the detector's job as it runs in production, alone in a process of its own: what it takes in per second and per
 * second of CPU, against the same job without detection, and how long after a fault readers see it. Not thread-safe.
 */
public final class DetectorBench {
    private static final String PROCESS = "io.homeostat.detector.PipelineProcess";
    private static final TopicPartition METRICS = new TopicPartition(Topics.OTLP_METRICS, 0);
    private static final List<String> HEARD = List.of(Topics.OTLP_METRICS, Topics.OTLP_SPANS, Topics.OTLP_LOGS);
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** Share of the telemetry after which the measurement begins, and ends. */
    private static final double WARM = 0.3;

    private static final double END = 0.95;
    private static final Pattern RCF =
            Pattern.compile("RCF score\\+update dims=5 shingle=8 trees=50 .*per-cpu-second median=(\\d+)");

    private final DetectorBenchOptions options;
    private final Path data;
    private final Distribution distribution;
    private final Consumer<String> say;

    public DetectorBench(DetectorBenchOptions options, Path data, Distribution distribution, Consumer<String> say) {
        this.options = options;
        this.data = data;
        this.distribution = distribution;
        this.say = say;
    }

    /** One line of figures for each thing measured, the summary last. */
    public List<Map<String, Object>> run() throws IOException {
        List<Map<String, Object>> lines = new ArrayList<>();
        int port = freePort();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), port, freePort());
                Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            String bootstrap = "127.0.0.1:" + port;
            if (options.throughput()) {
                Map<String, Object> peer = rcf();
                lines.add(peer);
                long records = fill(bootstrap, admin);
                Map<String, Object> through = throughput(bootstrap, admin, "pass-through", records);
                lines.add(through);
                Map<String, Object> pipeline = throughput(bootstrap, admin, "pipeline", records);
                lines.add(pipeline);
                lines.add(summary(peer, pipeline, through));
            }
            if (options.hard() + options.drifts() > 0) {
                read(admin, "latency", end(admin));
                lines.addAll(new DetectionLatency(options, bootstrap, say)
                        .measure(() -> start(bootstrap, "latency", "pipeline", List.of("n1", "n2", "n3"))));
            }
        }
        return lines;
    }

    private Map<String, Object> rcf() throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("system", "rcf");
        if (options.rcf().isEmpty()) {
            line.put("absent", "give the class path of the measuring kit with --rcf or HOMEOSTAT_RCF_CLASSPATH");
            return line;
        }
        say.accept("random cut forest of the measuring kit, about 40 s");
        line.put("load_before", load());
        Process process = new ProcessBuilder(
                        distribution.java().toString(), "-cp", options.rcf().get(), "DetectBench", "2")
                .redirectErrorStream(true)
                .start();
        String output;
        try (var in = process.getInputStream()) {
            output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Matcher found = RCF.matcher(output);
        if (found.find()) {
            line.put("dims", 5);
            line.put("shingle", 8);
            line.put("trees", 50);
            line.put("events/cpu_s", Long.parseLong(found.group(1)));
        } else {
            line.put(
                    "absent",
                    "DetectBench of the class path said: "
                            + output.strip().lines().findFirst().orElse(""));
        }
        return line;
    }

    /** Telemetry of all nodes for the wanted seconds, all of it in the past; returns the records written. */
    private long fill(String bootstrap, Admin admin) {
        say.accept("writing " + options.seconds() + " s of telemetry of " + options.nodes() + " nodes");
        keepAll(admin);
        long startMillis = (System.currentTimeMillis() / 1_000 - options.seconds() - 60) * 1_000;
        List<TelemetryLoad> nodes = IntStream.rangeClosed(1, options.nodes())
                .mapToObj(i -> new TelemetryLoad("n" + i, startMillis, i))
                .toList();
        try (KafkaProducer<byte[], byte[]> producer = producer(bootstrap)) {
            for (int second = 0; second < options.seconds(); second++) {
                int i = 0;
                for (TelemetryLoad node : nodes) {
                    long millis = startMillis + second * 1_000L + 1_000L * i++ / options.nodes();
                    var ledger = producer.send(new ProducerRecord<>(Topics.OTLP_METRICS, node.ledger(millis)));
                    var sidecar = producer.send(new ProducerRecord<>(Topics.OTLP_METRICS, node.sidecar(millis)));
                }
            }
            producer.flush();
        }
        return 2L * options.nodes() * options.seconds();
    }

    static KafkaProducer<byte[], byte[]> producer(String bootstrap) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> throughput(String bootstrap, Admin admin, String mode, long records) {
        List<String> names =
                IntStream.rangeClosed(1, options.nodes()).mapToObj(i -> "n" + i).toList();
        read(admin, mode, 0);
        double load = load();
        ChildProcess child = start(bootstrap, mode, mode, names);
        try {
            say.accept(mode + ": warm-up");
            long first = await(child, admin, mode, (long) (records * WARM));
            long cpu = cpuMicros(child);
            long begin = System.nanoTime();
            say.accept(mode + ": measurement");
            long last = await(child, admin, mode, (long) (records * END));
            double seconds = (System.nanoTime() - begin) / 1e9;
            double cpuSeconds = (cpuMicros(child) - cpu) / 1e6;
            double points = (last - first) * (TelemetryLoad.pointsPerSecond() / 2.0);
            double windows = (last - first) / 2.0;
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("system", "homeostat-detector");
            line.put("mode", mode);
            line.put("nodes", options.nodes());
            line.put("parallelism", options.parallelism());
            line.put("checkpoint_ms", options.checkpointMillis());
            line.put("points", Math.round(points));
            line.put("secs", BenchRun.hundredths(seconds));
            line.put("cpu_secs", BenchRun.hundredths(cpuSeconds));
            line.put("points/s", Math.round(points / seconds));
            line.put("points/cpu_s", Math.round(points / cpuSeconds));
            line.put("windows/cpu_s", Math.round(windows / cpuSeconds));
            line.put("cpu_us/window", BenchRun.hundredths(cpuSeconds * 1e6 / windows));
            line.put("state_bytes/node", checkpointBytes(mode) / options.nodes());
            line.put("load_before", load);
            return line;
        } finally {
            stop(child);
        }
    }

    /** What the retained checkpoints hold, shared files included; one that goes away meanwhile counts as nothing. */
    private long checkpointBytes(String group) {
        Path folder = data.resolve(group).resolve("checkpoints");
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            say.accept("checkpoints can not be looked at: " + e.getMessage());
            return 0;
        }
    }

    private static Map<String, Object> summary(
            Map<String, Object> peer, Map<String, Object> pipeline, Map<String, Object> through) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("system", "homeostat-detector");
        line.put("summary", "throughput");
        if (peer.get("events/cpu_s") instanceof Long rcf) {
            line.put("d1_points", BenchRun.hundredths(number(pipeline, "points/cpu_s") / rcf));
            line.put("d1_windows", BenchRun.hundredths(number(pipeline, "windows/cpu_s") / rcf));
        }
        line.put("d2_by_cpu", BenchRun.hundredths(number(pipeline, "points/cpu_s") / number(through, "points/cpu_s")));
        line.put("d2_by_time", BenchRun.hundredths(number(pipeline, "points/s") / number(through, "points/s")));
        return line;
    }

    private static double number(Map<String, Object> line, String name) {
        return line.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    private ChildProcess start(String bootstrap, String group, String mode, List<String> nodes) {
        List<String> command = distribution.mainCommand(
                List.of(
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-Dlogback.configurationFile=logback-role.xml",
                        "-Dhomeostat.log=" + data.resolve(group + ".role.log")),
                PROCESS,
                List.of(
                        "--bootstrap", bootstrap,
                        "--group", group,
                        "--data", data.resolve(group).toString(),
                        "--nodes", String.join(",", nodes),
                        "--mode", mode,
                        "--parallelism", Integer.toString(options.parallelism()),
                        "--checkpoint-millis", Integer.toString(options.checkpointMillis())));
        return ChildProcess.start(group, command, data.resolve(group + ".log"));
    }

    static void stop(ChildProcess child) {
        child.askToStop();
        if (!child.awaitEnd(Duration.ofSeconds(20))) {
            child.kill();
        }
    }

    private static long cpuMicros(ChildProcess child) {
        return child.handle()
                .info()
                .totalCpuDuration()
                .map(cpu -> cpu.toNanos() / 1_000)
                .orElse(0L);
    }

    /** The group's position when it has passed {@code offset}; it moves with each checkpoint. */
    private static long await(ChildProcess child, Admin admin, String group, long offset) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            if (!child.alive()) {
                throw new IllegalStateException(child.describeEnd());
            }
            OffsetAndMetadata at = answer(() -> admin.listConsumerGroupOffsets(group)
                            .partitionsToOffsetAndMetadata()
                            .get(30, TimeUnit.SECONDS))
                    .get(METRICS);
            if (at != null && at.offset() >= offset) {
                return at.offset();
            }
            BenchRun.sleep(Duration.ofMillis(50));
        }
        throw new IllegalStateException("the job did not come to record " + offset + " within " + PATIENCE);
    }

    /** The group begins with this record of the metrics. */
    private static void read(Admin admin, String group, long metrics) {
        Map<TopicPartition, OffsetAndMetadata> from = new HashMap<>();
        HEARD.forEach(topic -> from.put(new TopicPartition(topic, 0), new OffsetAndMetadata(0)));
        from.put(METRICS, new OffsetAndMetadata(metrics));
        answer(() -> admin.alterConsumerGroupOffsets(group, from).all().get(30, TimeUnit.SECONDS));
    }

    private static long end(Admin admin) {
        return answer(() -> admin.listOffsets(Map.of(METRICS, org.apache.kafka.clients.admin.OffsetSpec.latest()))
                        .partitionResult(METRICS)
                        .get(30, TimeUnit.SECONDS))
                .offset();
    }

    /** The platform's broker keeps an hour or 128 MiB; the same telemetry is read twice here. */
    private static void keepAll(Admin admin) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.OTLP_METRICS);
        answer(() -> admin.incrementalAlterConfigs(
                        Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("retention.bytes", "-1"), OpType.SET))))
                .all()
                .get(30, TimeUnit.SECONDS));
    }

    private interface Question<T> {
        T ask() throws InterruptedException, ExecutionException, TimeoutException;
    }

    private static <T> T answer(Question<T> question) {
        try {
            return question.ask();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("expected an answer of the broker", e);
        }
    }

    private static double load() {
        return BenchRun.hundredths(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}

package io.homeostat.deploy.platform;

import io.homeostat.events.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * A Kafka broker and its controller (KRaft) inside this process, listening on the loopback address, with the topics of
 * {@link Topics} created. Its data survive a restart. Not thread-safe; started once.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final long TOPICS_WITHIN_SECONDS = 20;

    private final KafkaRaftServer server;

    private EmbeddedKafka(KafkaRaftServer server) {
        this.server = server;
    }

    /** Starts the broker and returns when the topics exist. */
    public static EmbeddedKafka start(Path directory, int port, int controllerPort) {
        Properties properties = properties(directory, port, controllerPort);
        format(directory, properties);
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
        server.startup();
        EmbeddedKafka kafka = new EmbeddedKafka(server);
        try {
            createTopics("127.0.0.1:" + port);
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
        return kafka;
    }

    private static Properties properties(Path directory, int port, int controllerPort) {
        EmbeddedKafkaLimits limits = EmbeddedKafkaLimits.DEFAULT;
        Properties p = new Properties();
        p.setProperty("process.roles", "broker,controller");
        p.setProperty("node.id", "1");
        p.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        p.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        p.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        p.setProperty("controller.listener.names", "CONTROLLER");
        p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.setProperty("inter.broker.listener.name", "PLAINTEXT");
        p.setProperty("log.dirs", directory.resolve("logs").toString());
        p.setProperty("offsets.topic.num.partitions", "1");
        p.setProperty("offsets.topic.replication.factor", "1");
        p.setProperty("transaction.state.log.num.partitions", "1");
        p.setProperty("transaction.state.log.replication.factor", "1");
        p.setProperty("transaction.state.log.min.isr", "1");
        p.setProperty("share.coordinator.state.topic.num.partitions", "1");
        p.setProperty("share.coordinator.state.topic.replication.factor", "1");
        p.setProperty("share.coordinator.state.topic.min.isr", "1");
        p.setProperty("group.initial.rebalance.delay.ms", "0");
        p.setProperty("auto.create.topics.enable", "false");
        p.setProperty("log.cleaner.dedupe.buffer.size", String.valueOf(8 << 20));
        p.setProperty("log.segment.bytes", String.valueOf(limits.segmentBytes()));
        p.setProperty("log.retention.check.interval.ms", "60000");
        p.setProperty("num.network.threads", "1");
        p.setProperty("num.io.threads", "2");
        p.setProperty("num.replica.fetchers", "1");
        p.setProperty("num.recovery.threads.per.data.dir", "1");
        p.setProperty("background.threads", "2");
        p.setProperty("metadata.log.segment.bytes", String.valueOf(limits.segmentBytes()));
        p.setProperty("metadata.max.retention.bytes", String.valueOf(4L * limits.segmentBytes()));
        // The controller stops within the launcher's deadline: there is nobody to hand leadership to.
        p.setProperty("controlled.shutdown.enable", "false");
        return p;
    }

    private static void format(Path directory, Properties properties) {
        Path file = directory.resolve("server.properties");
        try {
            Files.createDirectories(directory);
            try (Writer out = Files.newBufferedWriter(file)) {
                properties.store(out, "written at every start; not to be edited");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
        if (Files.exists(directory.resolve("logs").resolve("meta.properties"))) {
            return;
        }
        String id = Uuid.randomUuid().toString();
        String[] arguments = {"format", "-t", id, "-c", file.toString(), "--ignore-formatted"};
        var quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        int code = StorageTool.execute(arguments, quiet);
        if (code != 0) {
            throw new IllegalStateException(
                    "formatting the Kafka directory " + directory + " failed with code " + code + "; is it writable?");
        }
    }

    private static void createTopics(String bootstrap) {
        EmbeddedKafkaLimits limits = EmbeddedKafkaLimits.DEFAULT;
        Map<String, String> telemetry = Map.of(
                "retention.ms", String.valueOf(limits.telemetryRetentionMillis()),
                "retention.bytes", String.valueOf(limits.telemetryRetentionBytes()),
                "segment.bytes", String.valueOf(limits.segmentBytes()));
        Map<String, String> incidents = Map.of(
                "retention.ms", "-1",
                "retention.bytes", String.valueOf(limits.incidentRetentionBytes()),
                "segment.bytes", String.valueOf(limits.segmentBytes()));
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
            Set<String> present = admin.listTopics().names().get(TOPICS_WITHIN_SECONDS, TimeUnit.SECONDS);
            List<NewTopic> missing = new ArrayList<>();
            for (String topic :
                    List.of(Topics.OTLP_METRICS, Topics.OTLP_SPANS, Topics.OTLP_LOGS, Topics.LEDGER_EVENTS)) {
                missing.add(new NewTopic(topic, 1, (short) 1).configs(telemetry));
            }
            missing.add(new NewTopic(Topics.INCIDENTS, 1, (short) 1).configs(incidents));
            missing.removeIf(topic -> present.contains(topic.name()));
            admin.createTopics(missing).all().get(TOPICS_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating topics", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "the embedded Kafka at " + bootstrap + " did not create its topics within " + TOPICS_WITHIN_SECONDS
                            + " s",
                    e);
        }
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}

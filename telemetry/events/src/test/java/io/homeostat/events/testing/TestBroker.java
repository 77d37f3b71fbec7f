package io.homeostat.events.testing;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Predicate;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Time;

/**
 * A real broker (KRaft) in this JVM, on fixed ports and one folder, so that it can go away and come back. The tests of every
 * module that speaks Kafka use this one.
 */
public final class TestBroker implements AutoCloseable {
    private final Properties properties = new Properties();
    private final int port = freePort();
    private KafkaRaftServer server;

    /** Formats the folder if it is empty, and starts; the folder is made where it is missing. */
    public TestBroker(Path folder) throws IOException {
        Files.createDirectories(folder);
        int controllerPort = freePort();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("log.dirs", folder.resolve("kafka").toString());
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("num.network.threads", "1");
        properties.put("num.io.threads", "2");
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 * 1024 * 1024));
        Path file = folder.resolve("server.properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        PrintStream quiet = new PrintStream(java.io.OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        StorageTool.execute(
                new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString(), "--ignore-formatted"
                },
                quiet);
        start();
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    public void start() {
        server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
        server.startup();
    }

    public void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    /** Reads the topic from its beginning until the predicate holds or the time is over. */
    public List<ConsumerRecord<byte[], byte[]>> read(
            String topic, Duration within, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
        return read(topic, within, enough, "read_uncommitted");
    }

    /** The same without what belongs to transactions that were broken off. */
    public List<ConsumerRecord<byte[], byte[]>> readCommitted(
            String topic, Duration within, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
        return read(topic, within, enough, "read_committed");
    }

    private List<ConsumerRecord<byte[], byte[]>> read(
            String topic, Duration within, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough, String isolation) {
        Properties p = new Properties();
        p.put("isolation.level", isolation);
        p.put("bootstrap.servers", bootstrap());
        p.put("key.deserializer", ByteArrayDeserializer.class.getName());
        p.put("value.deserializer", ByteArrayDeserializer.class.getName());
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        long end = System.nanoTime() + within.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(p)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (!enough.test(all) && System.nanoTime() < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(all::add);
            }
        }
        return all;
    }

    @Override
    public void close() {
        stop();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }
}

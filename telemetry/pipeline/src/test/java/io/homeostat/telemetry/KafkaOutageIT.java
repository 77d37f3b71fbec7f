package io.homeostat.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.Topics;
import io.homeostat.events.testing.TestBroker;
import io.homeostat.telemetry.testing.Otlp;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka goes away and comes back. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class KafkaOutageIT {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path folder;

    @Test
    void nothing_that_was_accepted_is_lost_and_a_full_buffer_answers_503_with_retry_after() throws Exception {
        IntakeLimits small = IntakeLimits.defaults().withHeldBytes(8 * 1024);
        TestBroker kafka = new TestBroker(folder);
        OtlpIntakeConfig config = new OtlpIntakeConfig("127.0.0.1", 0, 0, kafka.bootstrap(), Map.of(), "", small);
        try (OtlpIntake intake = OtlpIntake.start(config)) {
            Set<String> accepted = new TreeSet<>();
            accepted.add(send(intake, "before"));
            assertThat(received(kafka, Set.of("before"))).contains("before");

            kafka.stop();
            List<HttpResponse<byte[]>> refused = new ArrayList<>();
            for (int i = 0; refused.isEmpty() && i < 1000; i++) {
                long began = System.nanoTime();
                HttpResponse<byte[]> response = post(intake, "during." + i);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
                if (response.statusCode() == 200) {
                    accepted.add("during." + i);
                } else {
                    refused.add(response);
                }
            }
            assertThat(accepted).hasSizeGreaterThan(10);
            assertThat(refused).singleElement().satisfies(r -> {
                assertThat(r.statusCode()).isEqualTo(503);
                assertThat(r.headers().firstValue("Retry-After")).contains("2");
            });

            kafka.start();
            assertThat(received(kafka, accepted)).containsAll(accepted);
            assertThat(eventuallyAccepted(intake, "after")).isTrue();
        } finally {
            kafka.close();
        }
    }

    private static String send(OtlpIntake intake, String name) throws IOException, InterruptedException {
        assertThat(post(intake, name).statusCode()).isEqualTo(200);
        return name;
    }

    private static boolean eventuallyAccepted(OtlpIntake intake, String name) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < end) {
            if (post(intake, name).statusCode() == 200) {
                return true;
            }
        }
        return false;
    }

    private static HttpResponse<byte[]> post(OtlpIntake intake, String name) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + intake.httpPort() + "/v1/metrics"))
                        .header("Content-Type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(
                                Otlp.metrics(name, 1).toByteArray()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static Set<String> received(TestBroker kafka, Set<String> expected) {
        return names(kafka.read(
                Topics.OTLP_METRICS, Duration.ofSeconds(40), all -> names(all).containsAll(expected)));
    }

    private static Set<String> names(List<ConsumerRecord<byte[], byte[]>> records) {
        Set<String> names = new TreeSet<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                names.add(ExportMetricsServiceRequest.parseFrom(record.value())
                        .getResourceMetrics(0)
                        .getScopeMetrics(0)
                        .getMetrics(0)
                        .getName());
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        return names;
    }
}

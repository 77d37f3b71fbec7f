package io.homeostat.healer.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.events.testing.TestBroker;
import io.homeostat.healer.testing.Anomalies;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real broker in this JVM. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class KafkaStoryIT {
    @TempDir
    static Path directory;

    private static TestBroker broker;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker(directory);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void what_is_published_is_read_in_order_once_committed_and_again_when_the_reader_failed() throws Exception {
        BlockingQueue<String> read = new LinkedBlockingQueue<>();
        AtomicInteger failures = new AtomicInteger();
        try (KafkaStory story = new KafkaStory(broker.bootstrap(), "healer", StoryLimits.defaults())) {
            story.publish(List.of(line("a1"), new StoryLine("n1", "not a cloud event"), line("a2")));
            story.subscribe(event -> {
                if (event.eventId().equals("event-a2") && failures.incrementAndGet() == 1) {
                    throw new StoryFault("the database is away", new IOException("away"));
                }
                read.add(event.eventId());
            });
            assertThat(take(read)).isEqualTo("event-a1");
            // From the failed one on the events come again, and none is passed over.
            assertThat(take(read)).isEqualTo("event-a2");
            assertThat(failures.get()).isEqualTo(2);
        }

        BlockingQueue<String> readAfterRestart = new LinkedBlockingQueue<>();
        try (KafkaStory story = new KafkaStory(broker.bootstrap(), "healer", StoryLimits.defaults())) {
            story.subscribe((IncidentEvent event) -> readAfterRestart.add(event.eventId()));
            story.publish(List.of(line("a3")));
            assertThat(take(readAfterRestart)).isEqualTo("event-a3");
        }
    }

    @Test
    void a_broker_that_is_away_is_a_fault_within_the_time_limit() {
        StoryLimits quick = new StoryLimits(Duration.ofMillis(400), 10, Duration.ofMillis(100), Duration.ofMillis(100));
        try (KafkaStory story = new KafkaStory("127.0.0.1:1", "healer", quick)) {
            assertThatThrownBy(() -> story.publish(List.of(line("a1"))))
                    .isInstanceOf(StoryFault.class)
                    .hasMessageContaining("127.0.0.1:1");
        }
    }

    private static String take(BlockingQueue<String> read) throws InterruptedException {
        String next = read.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("an event within 30 s").isNotNull();
        return next;
    }

    private static StoryLine line(String id) {
        byte[] event = EventCodec.toCloudEvent(Anomalies.critical(id, "n1", Cause.CRASH), "/detector");
        return new StoryLine("n1", new String(event, StandardCharsets.UTF_8));
    }
}

package io.homeostat.healer;

import io.homeostat.events.Cause;
import io.homeostat.healer.act.NodeEndpoint;
import io.homeostat.healer.plan.AutonomyPolicy;
import io.homeostat.healer.story.StoryChannel;
import io.homeostat.healer.story.StoryLine;
import io.homeostat.healer.testing.Anomalies;
import io.homeostat.healer.testing.InMemoryStory;
import io.homeostat.healer.testing.QuickLimits;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Main class of {@link io.homeostat.healer.testing.HealerProcess}. */
public final class HealerInChild {
    private HealerInChild() {}

    public static void main(String[] args) throws InterruptedException {
        Path directory = Path.of(args[0]);
        List<NodeEndpoint> nodes = new ArrayList<>();
        for (int i = 4; i < args.length; i++) {
            String[] parts = args[i].split(",");
            nodes.add(new NodeEndpoint(parts[0], "zone", URI.create(parts[1]), URI.create(parts[2])));
        }
        InMemoryStory memory = new InMemoryStory();
        StoryChannel printing = new StoryChannel() {
            @Override
            public void publish(List<StoryLine> lines) {
                memory.publish(lines);
                lines.forEach(l -> System.out.println(l.cloudEvent()));
                System.out.flush();
            }

            @Override
            public void subscribe(java.util.function.Consumer<io.homeostat.events.IncidentEvent> reader) {
                memory.subscribe(reader);
            }

            @Override
            public void stopReading() {}

            @Override
            public void close() {}
        };
        Healer.start(
                new HealerConfig(
                        "unused:9092",
                        "healer",
                        args[1],
                        "sa",
                        "",
                        nodes,
                        directory.resolve("remediation.token"),
                        directory.resolve("agent.token"),
                        AutonomyPolicy.defaults(),
                        "recovery",
                        QuickLimits.get(),
                        InstantSource.system()),
                printing);
        if (!args[2].isEmpty()) {
            memory.tell(Anomalies.critical("a1", args[2], Cause.valueOf(args[3])));
        }
        new CountDownLatch(1).await();
    }
}

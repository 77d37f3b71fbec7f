package io.homeostat.healer.testing;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.healer.story.StoryChannel;
import io.homeostat.healer.story.StoryFault;
import io.homeostat.healer.story.StoryLine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The topic in memory: keeps what was published, in order, and hands on what a test tells. */
public final class InMemoryStory implements StoryChannel {
    private final List<IncidentEvent> events = new ArrayList<>();
    private Consumer<IncidentEvent> reader = e -> {};
    private boolean away;

    @Override
    public synchronized void publish(List<StoryLine> lines) {
        if (away) {
            throw new StoryFault("the topic is away", new IOException("away"));
        }
        lines.forEach(l -> events.add(EventCodec.fromCloudEvent(l.cloudEvent().getBytes(StandardCharsets.UTF_8))));
        notifyAll();
    }

    @Override
    public synchronized void subscribe(Consumer<IncidentEvent> given) {
        reader = given;
    }

    @Override
    public void stopReading() {}

    @Override
    public void close() {}

    public synchronized void away(boolean value) {
        away = value;
    }

    /** Hands one event to the healer, on the caller's thread. */
    public void tell(IncidentEvent event) {
        Consumer<IncidentEvent> to;
        synchronized (this) {
            to = reader;
        }
        to.accept(event);
    }

    public synchronized List<IncidentEvent> events() {
        return List.copyOf(events);
    }

    public synchronized <T extends IncidentEvent> List<T> of(Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    public <T extends IncidentEvent> T await(Class<T> kind) throws InterruptedException {
        return await(kind, e -> true);
    }

    public synchronized <T extends IncidentEvent> T await(Class<T> kind, Predicate<T> which)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            for (T event : of(kind)) {
                if (which.test(event)) {
                    return event;
                }
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("waited 20 s for " + kind.getSimpleName() + "; the story so far: "
                        + events.stream().map(Object::toString).toList());
            }
            wait(left);
        }
    }
}

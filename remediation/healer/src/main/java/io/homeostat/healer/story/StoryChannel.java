package io.homeostat.healer.story;

import io.homeostat.events.IncidentEvent;
import java.util.List;
import java.util.function.Consumer;

/** The topic {@code incidents} as the healer needs it. */
public interface StoryChannel extends AutoCloseable {
    /** Returns when every line is acknowledged, in order; otherwise {@link StoryFault}, and lines may have gone out. */
    void publish(List<StoryLine> lines);

    /**
     * Hands every event to the reader, one after the other and at least once. A reader that throws {@link StoryFault} gets
     * the event again. Returns at once.
     */
    void subscribe(Consumer<IncidentEvent> reader);

    /** Returns when no further event will be handed to the reader; publishing still works. */
    void stopReading();

    @Override
    void close();
}

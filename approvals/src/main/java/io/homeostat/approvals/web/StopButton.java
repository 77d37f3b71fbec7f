package io.homeostat.approvals.web;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes all autonomy away from the automation, and gives it back. Remediation holds the state; this is the port to it.
 *
 * <p>Implementations are thread-safe and may block; when the other side is away they throw an {@link
 * java.io.UncheckedIOException} that says so.
 */
public interface StopButton {
    /** From now on nothing is carried out without people; answers with the new state. */
    State stopAll(String who, String why);

    /** Back to the autonomy that policy gives. */
    State resume(String who, String why);

    State state();

    /**
     * @param who pressed last, empty when nobody has
     * @param since when it was pressed, {@code null} when it never was
     */
    record State(
            boolean stopped,
            String who,
            String why,
            @Nullable Instant since) {
        public static final State RUNNING = new State(false, "", "", null);

        public State {
            Objects.requireNonNull(who, "who");
            Objects.requireNonNull(why, "why");
        }
    }
}

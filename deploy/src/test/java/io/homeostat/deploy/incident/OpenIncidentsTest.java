package io.homeostat.deploy.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.BreakerState;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.IncidentEvent.IncidentEscalated;
import io.homeostat.events.IncidentEvent.IncidentOpened;
import io.homeostat.events.Severity;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OpenIncidentsTest {
    private static final Instant AT = Instant.parse("2026-11-20T12:00:00Z");

    @Test
    void an_incident_is_open_until_it_is_closed_and_shows_its_last_step() {
        IncidentOpened one =
                new IncidentOpened("e1", AT, "i1", "n1", Cause.CRASH, Severity.CRITICAL, List.of("a1"), List.of());
        IncidentOpened two =
                new IncidentOpened("e2", AT, "i2", "n2", Cause.SILENCE, Severity.CRITICAL, List.of("a2"), List.of());
        BreakerOpened isolated =
                new BreakerOpened("e3", AT, "i2", "n2", BreakerState.CLOSED, BreakerState.OPEN, "silence", 7);
        IncidentClosed closed = new IncidentClosed("e4", AT, "i1", "n1", "recovered", 1, 2);

        assertThat(OpenIncidents.of(List.of(one, two, isolated, closed)))
                .containsExactly(new OpenIncidents.Open("i2", "n2", "SILENCE", AT, "BreakerOpened"));
    }

    @Test
    void a_line_of_hostile_text_stays_one_short_line() {
        IncidentEscalated hostile =
                new IncidentEscalated("e", AT, "i", "n1", "first\nsecond \u001b[31mred" + "x".repeat(500));

        assertThat(EventLine.facts(hostile)).doesNotContainPattern("\\p{Cntrl}").hasSizeLessThanOrEqualTo(96);
    }
}

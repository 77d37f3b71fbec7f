package io.homeostat.healer;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.ApprovalDecided;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.incident.IncidentOpener;
import io.homeostat.healer.incident.OpenIncident;
import io.homeostat.healer.incident.OpeningDecision;
import io.homeostat.healer.story.StoryFault;
import io.homeostat.healer.workflow.EngineFault;
import io.homeostat.healer.workflow.RecoveryEngine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes events from the topic, each id once: what it means for incidents is written in one transaction. */
final class IncidentIntake implements Consumer<IncidentEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(IncidentIntake.class);
    private static final String RECOVERY_CASE = "recovery:";

    private final RecoveryEngine engine;
    private final IncidentOpener opener;
    private final IncidentBook book;
    private final InstantSource clock;

    IncidentIntake(RecoveryEngine engine, IncidentOpener opener, IncidentBook book, InstantSource clock) {
        this.engine = engine;
        this.opener = opener;
        this.book = book;
        this.clock = clock;
    }

    /** Throws {@link StoryFault} when the event must come again. */
    @Override
    public void accept(IncidentEvent event) {
        try {
            if (event instanceof AnomalyRaised raised) {
                engine.inTransaction(c -> book.firstSeen(c, raised.eventId()) && raised(c, raised));
            } else if (event instanceof AnomalyCleared cleared) {
                engine.inTransaction(c -> book.firstSeen(c, cleared.eventId()) && cleared(c, cleared));
            } else if (event instanceof ApprovalDecided decided
                    && decided.caseId().startsWith(RECOVERY_CASE)) {
                engine.inTransaction(c -> book.firstSeen(c, decided.eventId()) && decided(decided));
            }
        } catch (EngineFault e) {
            throw new StoryFault(event.kind() + " " + event.eventId() + " could not be taken in: " + e.getMessage(), e);
        }
    }

    private boolean raised(Connection connection, AnomalyRaised anomaly) throws SQLException {
        Instant now = clock.instant();
        Optional<OpenIncident> open = Optional.empty();
        for (String home : opener.homes(anomaly)) {
            open = open.isPresent() ? open : locked(connection, home);
        }
        OpeningDecision decision = opener.decide(anomaly, open, book.lastClosureOf(connection, anomaly.node()), now);
        if (decision instanceof OpeningDecision.Opened opened) {
            engine.begin(connection, opened.incidentId(), anomaly, clock);
        } else if (decision instanceof OpeningDecision.Joined joined) {
            book.join(connection, joined.incidentId(), anomaly, joined.worsens(), now);
            if (joined.worsens()) {
                engine.worsen(joined.incidentId());
            }
        } else if (decision instanceof OpeningDecision.Ignored ignored) {
            LOG.atInfo()
                    .addKeyValue("anomalyId", anomaly.anomalyId())
                    .addKeyValue("reason", ignored.reason())
                    .log("anomaly is not acted upon");
        }
        return true;
    }

    private Optional<OpenIncident> locked(Connection connection, String node) throws SQLException {
        Optional<OpenIncident> open = book.openOf(connection, node);
        if (open.isPresent()) {
            book.lock(connection, open.get().incidentId());
            // While the lock was awaited the incident may have been closed.
            open = book.openOf(connection, node);
        }
        return open;
    }

    /**
     * An escalated incident that never isolated its node, and whose anomalies are all over, is handed back: nothing was
     * done that a person would have to undo, and it is verified like any other before it closes.
     */
    private boolean cleared(Connection connection, AnomalyCleared cleared) throws SQLException {
        Optional<String> incidentId = book.clear(connection, cleared);
        if (incidentId.isPresent()
                && book.anomaliesOf(connection, incidentId.get()).stream().allMatch(a -> a.cleared())
                && engine.nothingDone(connection, incidentId.get())) {
            engine.resolve(incidentId.get(), RecoveryEngine.Resolution.REPAIRED);
        }
        return incidentId.isPresent();
    }

    private boolean decided(ApprovalDecided decided) {
        String planId = decided.caseId().substring(RECOVERY_CASE.length());
        int end = planId.lastIndexOf("-plan-");
        return end > 0 && engine.caseDecided(planId.substring(0, end));
    }
}

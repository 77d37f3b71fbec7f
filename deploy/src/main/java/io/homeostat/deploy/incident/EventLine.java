package io.homeostat.deploy.incident;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.ActionFinished;
import io.homeostat.events.IncidentEvent.ActionStarted;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.ApprovalDecided;
import io.homeostat.events.IncidentEvent.ApprovalRequested;
import io.homeostat.events.IncidentEvent.BreakerClosed;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.IncidentEvent.DetectionChanged;
import io.homeostat.events.IncidentEvent.ExplanationWritten;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.IncidentEvent.IncidentEscalated;
import io.homeostat.events.IncidentEvent.IncidentOpened;
import io.homeostat.events.IncidentEvent.RecoveryPlanned;
import io.homeostat.events.IncidentEvent.RecoveryVerified;
import java.util.Locale;
import java.util.stream.Collectors;

/** The facts of an event in one line of text. */
public final class EventLine {
    /** Keeps a line on one screen line; the whole text is in the web UI. */
    private static final int MAX_CHARS = 96;

    private EventLine() {}

    public static String facts(IncidentEvent event) {
        String line = words(event).replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS - 2) + "..";
    }

    private static String words(IncidentEvent event) {
        if (event instanceof AnomalyRaised e) {
            return String.format(
                    Locale.ROOT,
                    "%s %s: %s expected %.4g observed %.4g, score %.3g over %.3g",
                    e.severity(),
                    e.cause(),
                    e.signal(),
                    e.expected(),
                    e.observed(),
                    e.score(),
                    e.threshold());
        }
        if (event instanceof IncidentOpened e) {
            String origin = e.origins().isEmpty()
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            ", began at %s (%.0f %%)",
                            e.origins().get(0).node(),
                            100 * e.origins().get(0).share());
            return e.incidentId() + " " + e.cause() + " " + e.severity() + origin;
        }
        if (event instanceof BreakerOpened e) {
            return e.from() + " -> " + e.to() + (e.ledgerIndex() < 0 ? "" : ", ledger index " + e.ledgerIndex());
        }
        if (event instanceof RecoveryPlanned e) {
            return e.plan().autonomy() + ": "
                    + e.plan().actions().stream()
                            .map(action -> action.kind().name())
                            .collect(Collectors.joining(", "));
        }
        if (event instanceof ExplanationWritten e) {
            return (e.inconclusive() ? "inconclusive: " : "") + e.text();
        }
        if (event instanceof ApprovalRequested e) {
            return e.caseId() + ": " + e.summary();
        }
        if (event instanceof ApprovalDecided e) {
            return e.caseId() + " " + e.decision() + " by "
                    + e.approvals().stream().map(a -> a.keyId()).collect(Collectors.joining(", "));
        }
        if (event instanceof ActionStarted e) {
            return e.action().name();
        }
        if (event instanceof ActionFinished e) {
            return e.action() + " " + e.outcome() + " in " + e.durationMillis() + " ms " + e.detail();
        }
        if (event instanceof AnomalyCleared e) {
            return e.cause().name();
        }
        if (event instanceof RecoveryVerified e) {
            return "digest "
                    + e.stateDigest().substring(0, Math.min(12, e.stateDigest().length())) + " at " + e.digestIndex()
                    + " equal on " + e.agreeing() + ", " + e.quietWindows() + " quiet windows";
        }
        if (event instanceof BreakerClosed e) {
            return e.from() + " -> CLOSED";
        }
        if (event instanceof IncidentEscalated e) {
            return e.reason();
        }
        if (event instanceof IncidentClosed e) {
            return e.outcome() + ", isolated after " + e.isolateMillis() + " ms, recovered after " + e.recoverMillis()
                    + " ms";
        }
        if (event instanceof DetectionChanged e) {
            return e.change() + " " + e.about() + " by " + e.author();
        }
        throw new IllegalStateException("no words for " + event.kind());
    }
}

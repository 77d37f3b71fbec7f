package io.homeostat.approvals.explain;

import io.homeostat.approvals.inbox.Incidents;
import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.topic.EventPublisher;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TextStore;
import io.homeostat.approvals.trail.TrailEntry;
import io.homeostat.approvals.trail.TrailListener;
import io.homeostat.events.IncidentEvent;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Publishes one {@code ExplanationWritten} for each recovery plan and each held transfer. What is missing follows from the
 * trail: a restart goes on where the trail ends, and an explanation's id is made from the id of what it explains.
 *
 * <p>{@link #appended} may come from any thread; {@link #writePending} is called by one scheduler.
 */
public final class ExplanationDesk implements TrailListener, AutoCloseable {
    private static final String PREFIX = "explanation:";

    private final ReasoningTrail trail;
    private final Incidents incidents;
    private final LedgerBoard board;
    private final EventPublisher publisher;
    private final Explainer explainer;
    private final InstantSource clock;
    private final ExplainLimits limits;
    /** Explanation id to the event that asks for it, oldest first. */
    private final Map<String, IncidentEvent> pending = new LinkedHashMap<>();

    public ExplanationDesk(
            ReasoningTrail trail,
            Incidents incidents,
            LedgerBoard board,
            EventPublisher publisher,
            Optional<LlmConfig> llm,
            InstantSource clock,
            ExplainLimits limits) {
        this.trail = trail;
        this.incidents = incidents;
        this.board = board;
        this.publisher = publisher;
        this.explainer = new Explainer(llm, clock, limits);
        this.clock = clock;
        this.limits = limits;
    }

    @Override
    public void appended(TrailEntry entry, IncidentEvent event) {
        synchronized (pending) {
            if (event instanceof IncidentEvent.RecoveryPlanned) {
                add(PREFIX + event.eventId(), event);
            } else if (event instanceof IncidentEvent.ApprovalRequested e
                    && e.caseId().startsWith("transfer:")) {
                add(PREFIX + e.caseId(), event);
            } else if (event instanceof IncidentEvent.ExplanationWritten) {
                pending.remove(event.eventId());
            }
        }
    }

    /** Explains what waits. Blocks for at most the model's timeout for each. */
    public void writePending() {
        List<Map.Entry<String, IncidentEvent>> waiting;
        synchronized (pending) {
            waiting = pending.entrySet().stream()
                    .map(e -> Map.entry(e.getKey(), e.getValue()))
                    .toList();
        }
        for (Map.Entry<String, IncidentEvent> one : waiting) {
            Optional<Facts> facts = facts(one.getValue());
            if (facts.isPresent() && !trail.has(one.getKey())) {
                publisher.publish(written(one.getKey(), one.getValue(), explainer.explain(facts.get())));
            }
            synchronized (pending) {
                pending.remove(one.getKey());
            }
        }
    }

    @Override
    public void close() {
        explainer.close();
    }

    private void add(String explanationId, IncidentEvent event) {
        if (trail.has(explanationId)) {
            return;
        }
        pending.put(explanationId, event);
        if (pending.size() > limits.maxPending()) {
            pending.remove(pending.keySet().iterator().next());
        }
    }

    private Optional<Facts> facts(IncidentEvent event) {
        if (event instanceof IncidentEvent.ApprovalRequested requested) {
            Optional<LedgerCase> held = board.caseNow(requested.caseId()).filter(c -> c.transfer() != null);
            return held.map(c -> Facts.ofTransfer(
                    requested, c, board.snapshot().policy().tierOf(c).orElse("")));
        }
        return incidents.find(event.storyId()).map(incident -> Facts.ofIncident(incident, limits));
    }

    private IncidentEvent written(String eventId, IncidentEvent about, Explainer.Explanation explanation) {
        return new IncidentEvent.ExplanationWritten(
                eventId,
                clock.instant(),
                about.storyId(),
                about.node(),
                explanation.writer(),
                explanation.text(),
                explanation.inconclusive(),
                explanation.evidenceIds(),
                explanation.struckOut(),
                kept(explanation.prompt()),
                kept(explanation.response()));
    }

    /** Prompt and answer are kept beside the trail, so that an auditor can read what the digests stand for. */
    private String kept(String text) {
        TextStore texts = trail.texts();
        return text.isEmpty() ? "" : texts.keep(text);
    }
}

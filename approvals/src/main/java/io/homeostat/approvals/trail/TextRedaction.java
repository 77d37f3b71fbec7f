package io.homeostat.approvals.trail;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Which fields of an event are free text. One table for both directions: towards the leaf each text becomes its digest,
 * towards the page each digest becomes its text again. Typed fields, numbers and ids are never touched.
 *
 * <p>The plan stays typed in the leaf, and its canonical JSON is kept as a text too, because a recovery case cites its
 * digest as the payload.
 */
final class TextRedaction {
    private TextRedaction() {}

    static IncidentEvent mapTexts(IncidentEvent event, UnaryOperator<String> map) {
        if (event instanceof IncidentEvent.ExplanationWritten e) {
            return new IncidentEvent.ExplanationWritten(
                    e.eventId(),
                    e.at(),
                    e.storyId(),
                    e.node(),
                    e.writer(),
                    map.apply(e.text()),
                    e.inconclusive(),
                    e.evidenceIds(),
                    e.struckOut().stream().map(map).toList(),
                    e.promptDigest(),
                    e.responseDigest());
        }
        if (event instanceof IncidentEvent.BreakerOpened e) {
            return new IncidentEvent.BreakerOpened(
                    e.eventId(),
                    e.at(),
                    e.incidentId(),
                    e.node(),
                    e.from(),
                    e.to(),
                    map.apply(e.reason()),
                    e.ledgerIndex());
        }
        if (event instanceof IncidentEvent.ApprovalRequested e) {
            return new IncidentEvent.ApprovalRequested(
                    e.eventId(),
                    e.at(),
                    e.storyId(),
                    e.node(),
                    e.caseId(),
                    e.payloadDigest(),
                    e.requester(),
                    map.apply(e.summary()),
                    e.demands(),
                    e.expiresAt());
        }
        if (event instanceof IncidentEvent.ActionFinished e) {
            return new IncidentEvent.ActionFinished(
                    e.eventId(),
                    e.at(),
                    e.incidentId(),
                    e.node(),
                    e.actionId(),
                    e.action(),
                    e.outcome(),
                    map.apply(e.detail()),
                    e.durationMillis());
        }
        if (event instanceof IncidentEvent.IncidentEscalated e) {
            return new IncidentEvent.IncidentEscalated(
                    e.eventId(), e.at(), e.incidentId(), e.node(), map.apply(e.reason()));
        }
        return event;
    }

    /** Texts that are kept beside those in the event's own fields. */
    static List<String> citedTexts(IncidentEvent event) {
        if (event instanceof IncidentEvent.RecoveryPlanned e) {
            return List.of(new String(EventCodec.canonicalJson(e.plan()), StandardCharsets.UTF_8));
        }
        return List.of();
    }
}

package io.homeostat.events;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The life of an incident, in the order in which it happens. Who has read this file knows the product.
 *
 * <p>Stages publish these on {@link Topics#INCIDENTS}; the reasoning trail makes a Merkle leaf of each. An event id is
 * made once by the producer and stays the same over redelivery: consumers drop ids that they have seen. Producers:
 * detector ({@link AnomalyRaised}, {@link AnomalyCleared}, {@link DetectionChanged}); approvals ({@link ExplanationWritten},
 * {@link ApprovalDecided}, and {@link ApprovalRequested} for transfers); healer (all others).
 */
public sealed interface IncidentEvent {
    String eventId();

    Instant at();

    /** What the event belongs to: the incident id; for anomalies the anomaly id; for held transfers the case id. */
    String storyId();

    /** The node that the event is about, empty when it is about none. */
    String node();

    /** Simple name of the record: the CloudEvents type is {@code io.homeostat.} followed by it. */
    default String kind() {
        return getClass().getSimpleName();
    }

    /**
     * A window of a node differs from its baseline or its peers.
     *
     * @param signal the leading signal by catalog name
     * @param expected value of the leading signal by baseline or peers, in {@code unit}
     * @param observed value in the window; NaN is never used, an absent value is 0 with {@link Direction#ABSENT}
     * @param score calibrated model score; {@code threshold} is in the same scale
     * @param peers observed value of the leading signal for each peer
     * @param modelId id of the model or rule that decided
     * @param provenanceDigest hex SHA-256 of the model's provenance, or of the rule's text
     * @param windowDigest hex SHA-256 of the sealed evidence window
     * @param onset start of the first window that counted towards this alert
     * @param leadMillis forecast of the time left until the leading signal reaches its limit, by the line through its
     *     newest windows: 0 when the limit is reached or the evidence is hard, {@link #NOT_FORESEEN} when it is not
     *     on its way there or has no limit
     * @param rules ids of the feedback rules that were in force for the node
     * @param shadow score over its threshold by each model that scored beside the deciding one; above 1 is odd
     * @param origins nodes that this may have begun at, the most suspect first; empty when nothing tells them apart
     */
    record AnomalyRaised(
            String eventId,
            Instant at,
            String anomalyId,
            String node,
            Cause cause,
            Severity severity,
            String signal,
            String unit,
            Direction direction,
            double expected,
            double observed,
            double score,
            double threshold,
            List<Contribution> contributions,
            Map<String, Double> peers,
            Instant windowStart,
            Instant windowEnd,
            String modelId,
            String provenanceDigest,
            String windowDigest,
            Instant onset,
            long leadMillis,
            List<String> rules,
            Map<String, Double> shadow,
            List<Suspicion> origins)
            implements IncidentEvent {
        /** {@link #leadMillis} when no breach is foreseen. */
        public static final long NOT_FORESEEN = -1;

        public AnomalyRaised {
            Objects.requireNonNull(cause, "cause");
            contributions = List.copyOf(contributions);
            peers = Map.copyOf(peers);
            // Alerts of before these were told.
            onset = onset == null ? windowStart : onset;
            rules = rules == null ? List.of() : List.copyOf(rules);
            shadow = shadow == null ? Map.of() : Map.copyOf(shadow);
            origins = origins == null ? List.of() : List.copyOf(origins);
        }

        @Override
        public String storyId() {
            return anomalyId;
        }
    }

    /**
     * One incident per node is opened; further anomalies of the node join it, and warnings of others whose suspected origin
     * the node is.
     *
     * @param origins as the first anomaly ranked them
     */
    record IncidentOpened(
            String eventId,
            Instant at,
            String incidentId,
            String node,
            Cause cause,
            Severity severity,
            List<String> anomalyIds,
            List<Suspicion> origins)
            implements IncidentEvent {
        public IncidentOpened {
            anomalyIds = List.copyOf(anomalyIds);
            origins = origins == null ? List.of() : List.copyOf(origins);
        }

        @Override
        public String storyId() {
            return incidentId;
        }
    }

    /**
     * The circuit breaker left CLOSED: to OPEN (isolated) or SHADOW (observed).
     *
     * @param ledgerIndex journal index of the isolation in the ledger, -1 when none was written
     */
    record BreakerOpened(
            String eventId,
            Instant at,
            String incidentId,
            String node,
            BreakerState from,
            BreakerState to,
            String reason,
            long ledgerIndex)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return incidentId;
        }
    }

    /** A plan was chosen. {@code planDigest} is the hex SHA-256 of the plan's canonical JSON. */
    record RecoveryPlanned(
            String eventId, Instant at, String incidentId, String node, RecoveryPlan plan, String planDigest)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return incidentId;
        }
    }

    /**
     * Words were written from typed facts and checked by code.
     *
     * @param writer {@code template} or the model's name
     * @param inconclusive true when the facts do not support one cause
     * @param evidenceIds ids that the text cites, all of which exist
     * @param struckOut sentences that did not survive the check
     * @param promptDigest hex SHA-256 of the prompt, empty for the template
     * @param responseDigest hex SHA-256 of the raw response, empty for the template
     */
    record ExplanationWritten(
            String eventId,
            Instant at,
            String storyId,
            String node,
            String writer,
            String text,
            boolean inconclusive,
            List<String> evidenceIds,
            List<String> struckOut,
            String promptDigest,
            String responseDigest)
            implements IncidentEvent {
        public ExplanationWritten {
            evidenceIds = List.copyOf(evidenceIds);
            struckOut = List.copyOf(struckOut);
        }
    }

    /**
     * People are asked.
     *
     * @param caseId {@code transfer:UUID} or {@code recovery:PLAN}, the id in the ledger's gate
     * @param payloadDigest hex SHA-256 of what is to be signed for
     * @param requester person or service that wants it
     */
    record ApprovalRequested(
            String eventId,
            Instant at,
            String storyId,
            String node,
            String caseId,
            String payloadDigest,
            String requester,
            String summary,
            List<RoleQuorum> demands,
            Instant expiresAt)
            implements IncidentEvent {
        public ApprovalRequested {
            demands = List.copyOf(demands);
        }
    }

    /** The ledger's gate decided the case. {@code ledgerIndex} is the journal index of the decision. */
    record ApprovalDecided(
            String eventId,
            Instant at,
            String storyId,
            String node,
            String caseId,
            Decision decision,
            List<SignedApproval> approvals,
            long ledgerIndex)
            implements IncidentEvent {
        public ApprovalDecided {
            approvals = List.copyOf(approvals);
        }
    }

    record ActionStarted(String eventId, Instant at, String incidentId, String node, String actionId, ActionKind action)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return incidentId;
        }
    }

    record ActionFinished(
            String eventId,
            Instant at,
            String incidentId,
            String node,
            String actionId,
            ActionKind action,
            ActionOutcome outcome,
            String detail,
            long durationMillis)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return incidentId;
        }
    }

    /** The window of the node is back inside its bounds. */
    record AnomalyCleared(String eventId, Instant at, String anomalyId, String node, Cause cause)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return anomalyId;
        }
    }

    /**
     * Quiet windows and an equal state digest.
     *
     * @param digestIndex Raft index at which the digests were compared
     * @param agreeing the nodes that attested this digest, the recovered one included
     */
    record RecoveryVerified(
            String eventId,
            Instant at,
            String incidentId,
            String node,
            long digestIndex,
            String stateDigest,
            List<String> agreeing,
            int quietWindows)
            implements IncidentEvent {
        public RecoveryVerified {
            agreeing = List.copyOf(agreeing);
        }

        @Override
        public String storyId() {
            return incidentId;
        }
    }

    record BreakerClosed(String eventId, Instant at, String incidentId, String node, BreakerState from)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return incidentId;
        }
    }

    /** The automation hands over to people: attempts used up, a guard refused, or nobody approved in time. */
    record IncidentEscalated(String eventId, Instant at, String incidentId, String node, String reason)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return incidentId;
        }
    }

    /**
     * The end, with the phases measured from the first anomaly's time.
     *
     * @param outcome {@code recovered}, {@code observed} (SHADOW) or {@code abandoned}
     * @param isolateMillis from first anomaly to isolation, -1 when there was none
     * @param recoverMillis from first anomaly to verified recovery, -1 when there was none
     */
    record IncidentClosed(
            String eventId,
            Instant at,
            String incidentId,
            String node,
            String outcome,
            long isolateMillis,
            long recoverMillis)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return incidentId;
        }
    }

    /**
     * A person changed how the detector decides, and the detector has taken it up.
     *
     * @param changeId id of the feedback rule or of the act on a model
     * @param node the node that it is about, empty for all
     * @param change what it does, for example {@code FALSE_ALARM} or {@code MODEL CHAMPION}
     * @param about the signal, alert, rule or model that it is about, empty for none
     * @param backTestDigest hex SHA-256 of the back-test that the author was shown, empty when there was none
     */
    record DetectionChanged(
            String eventId,
            Instant at,
            String changeId,
            String node,
            String change,
            String about,
            String author,
            String reason,
            String backTestDigest)
            implements IncidentEvent {
        @Override
        public String storyId() {
            return changeId;
        }
    }
}

package io.homeostat.approvals.desk;

import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.ledger.LedgerAnswer;
import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.topic.EventPublisher;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.events.Decision;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.SignedApproval;
import io.homeostat.merkle.ApprovalSignature;
import io.homeostat.merkle.VerificationKey;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes {@code ApprovalRequested} for each held transfer and {@code ApprovalDecided} when the ledger's case left {@code
 * open}, once each: the ids are made from the case id, and what the trail has is not published again. Forwards signed
 * decisions to the ledger, which alone checks and counts them.
 *
 * <p>{@link #record} is called by one scheduler; {@link #forward} by any thread.
 */
public final class ApprovalDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ApprovalDesk.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern KEY_ID = Pattern.compile("[a-z0-9._-]{1,64}");

    private final LedgerBoard board;
    private final LedgerClient ledger;
    private final ReasoningTrail trail;
    private final EventPublisher publisher;
    private final InstantSource clock;
    private final DeskLimits limits;
    private final Map<String, Instant> inFlight = new LinkedHashMap<>();
    private final Map<String, Instant> firstSeenDecided = new LinkedHashMap<>();

    public ApprovalDesk(
            LedgerBoard board,
            LedgerClient ledger,
            ReasoningTrail trail,
            EventPublisher publisher,
            InstantSource clock,
            DeskLimits limits) {
        this.board = board;
        this.ledger = ledger;
        this.trail = trail;
        this.publisher = publisher;
        this.clock = clock;
        this.limits = limits;
    }

    /** Publishes what the newest reading of the ledger shows and the trail does not have, oldest case first. */
    public synchronized void record() {
        List<LedgerCase> oldestFirst = board.snapshot().cases().stream()
                .sorted(Comparator.comparingLong(LedgerCase::openedIndex))
                .toList();
        for (LedgerCase held : oldestFirst) {
            if (held.kind() == LedgerCase.Kind.TRANSFER) {
                publishOnce("approval-requested:" + held.caseId(), id -> Optional.of(requested(id, held)));
            }
            if (!held.open()) {
                publishOnce("approval-decided:" + held.caseId(), id -> decided(id, held));
            }
        }
    }

    /** Checks that the decision is complete, keeps its reason, and hands it to the ledger. Blocks. */
    public DecisionOutcome forward(String caseId, SignedDecision decision) {
        Optional<DecisionOutcome.Incomplete> incomplete = incompleteIn(decision);
        if (incomplete.isPresent()) {
            return incomplete.get();
        }
        // The text is durable before its digest is: a leaf never cites a reason that was lost.
        String reasonDigest = trail.texts().keep(decision.reason());
        SignedApproval approval = new SignedApproval(
                decision.keyId(),
                Decision.valueOf(decision.decision().toUpperCase(Locale.ROOT)),
                decision.payloadDigest(),
                decision.expiresAtMicros(),
                decision.signature(),
                reasonDigest);
        LedgerAnswer<LedgerCase> answer = ledger.approve(caseId, approval);
        if (answer instanceof LedgerAnswer.Accepted<LedgerCase> accepted) {
            LOG.atInfo()
                    .addKeyValue("caseId", caseId)
                    .addKeyValue("keyId", decision.keyId())
                    .addKeyValue("decision", decision.decision())
                    .addKeyValue("state", accepted.value().state().wireName())
                    .log("decision recorded by the ledger");
            return new DecisionOutcome.Recorded(accepted.index(), accepted.value());
        }
        LedgerAnswer.Refused<LedgerCase> refused = (LedgerAnswer.Refused<LedgerCase>) answer;
        return new DecisionOutcome.Refused(
                refused.status(), refused.reason(), RefusalWords.of(refused.reason(), refused.detail()));
    }

    /**
     * Asks the ledger to register one more key of a person who has keys, with the roles that those have. The answer is a case
     * that others must approve, never this person. Blocks.
     */
    public LedgerAnswer<LedgerCase> proposeKey(String keyId, String person, VerificationKey key) {
        List<String> roles = board.snapshot().policy().keysOf(person).stream()
                .flatMap(known -> known.roles().stream())
                .distinct()
                .toList();
        LedgerAnswer<LedgerCase> answer = ledger.proposeKey("keys:" + keyId, keyId, person, roles, key);
        LOG.atInfo()
                .addKeyValue("keyId", keyId)
                .addKeyValue("person", person)
                .addKeyValue("taken", answer instanceof LedgerAnswer.Accepted)
                .log("registration of a key proposed");
        return answer;
    }

    private Optional<DecisionOutcome.Incomplete> incompleteIn(SignedDecision decision) {
        int reasonChars = decision.reason().strip().length();
        if (reasonChars < limits.minReasonChars() || decision.reason().length() > limits.maxReasonChars()) {
            return incomplete(
                    "reason",
                    "must have " + limits.minReasonChars() + " to " + limits.maxReasonChars() + " characters but has "
                            + reasonChars);
        }
        if (!decision.decision().equals("approve") && !decision.decision().equals("deny")) {
            return incomplete("decision", "must be approve or deny");
        }
        if (!KEY_ID.matcher(decision.keyId()).matches()) {
            return incomplete("keyId", "must match " + KEY_ID);
        }
        if (!DIGEST.matcher(decision.payloadDigest()).matches()) {
            return incomplete("payloadDigest", "must be 64 lower-case hex digits");
        }
        if (decision.expiresAtMicros() <= 0) {
            return incomplete("expiresAtMicros", "must be a time in microseconds since the epoch");
        }
        if (!isSignature(decision.signature())) {
            return incomplete(
                    "signature",
                    "must be the base64 of " + ApprovalSignature.MIN_BYTES + " to " + ApprovalSignature.MAX_BYTES
                            + " bytes");
        }
        return Optional.empty();
    }

    private static Optional<DecisionOutcome.Incomplete> incomplete(String field, String detail) {
        return Optional.of(new DecisionOutcome.Incomplete(field, field + " " + detail));
    }

    private static boolean isSignature(String base64) {
        try {
            int bytes = Base64.getDecoder().decode(base64).length;
            return bytes >= ApprovalSignature.MIN_BYTES && bytes <= ApprovalSignature.MAX_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private interface EventMaker {
        Optional<IncidentEvent> make(String eventId);
    }

    private void publishOnce(String eventId, EventMaker maker) {
        if (trail.has(eventId)) {
            inFlight.remove(eventId);
            return;
        }
        Instant now = clock.instant();
        Instant published = inFlight.get(eventId);
        if (published != null && now.isBefore(published.plus(limits.republishAfter()))) {
            return;
        }
        Optional<IncidentEvent> event = maker.make(eventId);
        if (event.isPresent()) {
            publisher.publish(event.get());
            remember(inFlight, eventId, now);
        }
    }

    private IncidentEvent requested(String eventId, LedgerCase held) {
        LedgerCase.Transfer transfer = Objects.requireNonNull(held.transfer(), "a transfer case has its transfer");
        String amount = String.format(
                Locale.ROOT,
                "%,." + transfer.exponent() + "f",
                BigDecimal.valueOf(transfer.amount(), transfer.exponent()));
        return new IncidentEvent.ApprovalRequested(
                eventId,
                instant(held.openedAtMicros()),
                held.caseId(),
                "",
                held.caseId(),
                held.payloadDigest(),
                held.requester(),
                transfer.asset() + " " + amount + " from " + transfer.debit() + " to " + transfer.credit()
                        + " is held for approval",
                held.demands(),
                instant(held.expiresAtMicros()));
    }

    private Optional<IncidentEvent> decided(String eventId, LedgerCase held) {
        String storyId = held.caseId();
        String node = "";
        if (held.kind() == LedgerCase.Kind.RECOVERY) {
            Optional<IncidentEvent.ApprovalRequested> asked = trail.ofCase(held.caseId()).stream()
                    .filter(IncidentEvent.ApprovalRequested.class::isInstance)
                    .map(IncidentEvent.ApprovalRequested.class::cast)
                    .findFirst();
            if (asked.isEmpty() && waitsForStory(held.caseId())) {
                return Optional.empty();
            }
            storyId = asked.map(IncidentEvent.ApprovalRequested::storyId).orElse(storyId);
            node = asked.map(IncidentEvent.ApprovalRequested::node).orElse("");
        }
        firstSeenDecided.remove(held.caseId());
        return Optional.of(new IncidentEvent.ApprovalDecided(
                eventId,
                clock.instant(),
                storyId,
                node,
                held.caseId(),
                held.state().decision(),
                held.approvals().stream().map(a -> signed(held, a)).toList(),
                held.decidedIndex() == null ? -1 : held.decidedIndex()));
    }

    private boolean waitsForStory(String caseId) {
        Instant now = clock.instant();
        Instant firstSeen = firstSeenDecided.get(caseId);
        if (firstSeen == null) {
            remember(firstSeenDecided, caseId, now);
            return true;
        }
        return now.isBefore(firstSeen.plus(limits.storyWait()));
    }

    private void remember(Map<String, Instant> map, String key, Instant at) {
        map.put(key, at);
        if (map.size() > limits.maxInFlight()) {
            map.remove(map.keySet().iterator().next());
        }
    }

    private static SignedApproval signed(LedgerCase held, LedgerCase.Approval approval) {
        return new SignedApproval(
                approval.keyId(),
                approval.decision(),
                held.payloadDigest(),
                approval.expiresAtMicros(),
                approval.signature(),
                approval.reasonDigest());
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    }
}

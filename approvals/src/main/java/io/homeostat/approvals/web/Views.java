package io.homeostat.approvals.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.approvals.change.GateChange;
import io.homeostat.approvals.inbox.Inbox;
import io.homeostat.approvals.inbox.Incident;
import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerNodes;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.approvals.ledger.NodeStatus;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailEntry;
import io.homeostat.events.Contribution;
import io.homeostat.events.Decision;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What templates are given: plain maps of texts and numbers, nothing that a template could call. Escaping happens in the
 * templates, all of it. Thread-safe.
 */
final class Views {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration HURRY = Duration.ofMinutes(10);

    private final ReasoningTrail trail;
    private final InstantSource clock;

    Views(ReasoningTrail trail, InstantSource clock) {
        this.trail = trail;
        this.clock = clock;
    }

    Map<String, Object> inbox(Inbox.View view) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("open", view.open().stream().map(this::caseRow).toList());
        model.put("decided", view.decided().stream().map(this::caseRow).toList());
        model.put(
                "incidents",
                view.incidents().stream()
                        .filter(Incident::open)
                        .map(this::incidentRow)
                        .toList());
        model.put("stale", stale(view.readAt(), view.fault()));
        model.put("loaded", view.readAt().isAfter(Instant.EPOCH));
        return model;
    }

    Map<String, Object> caseRow(Inbox.Item item) {
        LedgerCase held = item.held();
        LedgerCase.Transfer transfer = held.transfer();
        Instant expires = Words.instant(held.expiresAtMicros());
        Duration left = Duration.between(clock.instant(), expires);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("caseId", held.caseId());
        row.put("anchor", anchor(held.caseId()));
        row.put("kind", held.kind().wireName());
        row.put("state", held.state().wireName());
        row.put("tone", tone(held.state()));
        row.put("open", held.open());
        row.put("requester", held.requester());
        row.put("tier", item.tier());
        row.put("node", item.node());
        row.put("storyId", item.storyId());
        row.put("amount", transfer == null ? "" : Words.amount(transfer));
        row.put("asset", transfer == null ? "" : transfer.asset());
        row.put("debit", transfer == null ? "" : transfer.debit());
        row.put("credit", transfer == null ? "" : transfer.credit());
        row.put("transferId", transfer == null ? "" : transfer.id());
        row.put("digest", held.payloadDigest());
        row.put("digestShort", Words.shortDigest(held.payloadDigest()));
        row.put("expiresAt", Words.full(expires));
        row.put("expiresMillis", expires.toEpochMilli());
        row.put("expiresMicros", Long.toString(held.expiresAtMicros()));
        row.put("remaining", held.open() ? Words.span(left) : "");
        row.put("hurry", held.open() && left.compareTo(HURRY) < 0);
        row.put("openedAt", Words.full(Words.instant(held.openedAtMicros())));
        row.put("openedClock", Words.clock(Words.instant(held.openedAtMicros())));
        row.put("openedIndex", held.openedIndex());
        row.put(
                "decidedIndex",
                held.decidedIndex() == null ? "" : held.decidedIndex().toString());
        row.put("decidedAt", item.decidedAt() == null ? "" : Words.full(item.decidedAt()));
        row.put("decidedClock", item.decidedAt() == null ? "" : Words.clock(item.decidedAt()));
        row.put("progress", item.progress().stream().map(Views::progress).toList());
        row.put("approvals", held.approvals().stream().map(this::approval).toList());
        row.put("payloadShown", held.payloadIsShownTransfer());
        row.put("kindWords", kindWords(held.kind()));
        escalation(held, row);
        return row;
    }

    private static String kindWords(LedgerCase.Kind kind) {
        return switch (kind) {
            case TRANSFER -> "Held transfer";
            case RECOVERY -> "Recovery plan";
            case POLICY -> "Change of the policy";
            case KEYS -> "Change of keys";
        };
    }

    /** Who may stand in, and from when on. */
    private void escalation(LedgerCase held, Map<String, Object> row) {
        Long micros = held.escalatesAtMicros();
        Instant from = held.open() && micros != null ? Words.instant(micros) : Instant.EPOCH;
        boolean named = from.isAfter(Instant.EPOCH);
        row.put("escalates", named);
        boolean begun = named && !clock.instant().isBefore(from);
        row.put("escalated", begun);
        row.put("escalationRoles", String.join(" or ", held.standIns()));
        row.put("escalatesAt", named ? Words.full(from) : "");
        row.put("escalatesMillis", from.toEpochMilli());
        row.put("escalatesIn", begun || !named ? "" : Words.span(Duration.between(clock.instant(), from)));
    }

    Map<String, Object> incidentRow(Incident incident) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("incidentId", incident.incidentId());
        row.put("anchor", anchor(incident.incidentId()));
        row.put("node", incident.node());
        row.put("cause", Words.words(incident.cause()));
        row.put("severity", Words.words(incident.severity()));
        row.put("state", incident.state().words());
        row.put("open", incident.open());
        row.put("tone", tone(incident));
        row.put("breaker", incident.breaker().toLowerCase(Locale.ROOT).replace('_', ' '));
        row.put("openedAt", Words.full(incident.openedAt()));
        row.put("openedClock", Words.clock(incident.openedAt()));
        Instant closedAt = incident.closedAt();
        row.put("closedAt", closedAt == null ? "" : Words.full(closedAt));
        row.put(
                "lasted",
                Words.span(Duration.between(incident.phases().from(), closedAt == null ? clock.instant() : closedAt)));
        row.put("outcome", incident.outcome());
        row.put("caseId", incident.caseId());
        row.put("recover", Words.millis(incident.phases().recover()));
        return row;
    }

    Map<String, Object> incident(Incident incident) {
        Map<String, Object> model = new LinkedHashMap<>(incidentRow(incident));
        model.put("phases", phases(incident.phases()));
        model.put("detect", Words.millis(incident.phases().detect()));
        model.put("isolate", Words.millis(incident.phases().isolate()));
        model.put("evidence", evidence(incident));
        model.put("plan", plan(incident));
        model.put("explanation", explanation(incident.explanation()));
        model.put("timeline", timeline(incident.timeline(), incident.phases().from()));
        return model;
    }

    List<Map<String, Object>> evidence(Incident incident) {
        return incident.anomalies().stream().map(Views::anomaly).toList();
    }

    List<Map<String, Object>> timeline(List<IncidentEvent> events, Instant from) {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (IncidentEvent event : events) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("title", Words.title(event));
            entry.put("detail", Words.detail(event));
            entry.put("clock", Words.clock(event.at()));
            entry.put("at", Words.full(event.at()));
            long offset = Duration.between(from, event.at()).toMillis();
            entry.put("offset", offset < 0 ? "" : "+" + Words.millis(offset));
            entry.put("tone", Words.tone(event));
            OptionalLong sequence = trail.sequenceOf(event.eventId());
            entry.put("sequence", sequence.isPresent() ? Long.toString(sequence.getAsLong()) : "");
            entries.add(entry);
        }
        return entries;
    }

    @Nullable
    Map<String, Object> explanation(IncidentEvent.@Nullable ExplanationWritten written) {
        if (written == null) {
            return null;
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("text", written.text());
        model.put("writer", written.writer());
        model.put("byTemplate", written.writer().startsWith("template"));
        model.put("inconclusive", written.inconclusive());
        model.put("struckOut", written.struckOut());
        model.put("struckCount", written.struckOut().size());
        model.put("cited", written.evidenceIds().size());
        model.put("prompt", Words.shortDigest(written.promptDigest()));
        model.put("response", Words.shortDigest(written.responseDigest()));
        return model;
    }

    /** What a case would change, as {@link GateChange} says it. */
    static Map<String, Object> change(GateChange change) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("title", change.title());
        model.put("holds", change.digestHolds());
        model.put(
                "words",
                change.words().stream()
                        .map(w -> Map.<String, Object>of("text", w.text(), "less", w.asksForLess()))
                        .toList());
        model.put(
                "diff",
                change.diff().stream()
                        .map(line -> Map.<String, Object>of(
                                "mark",
                                String.valueOf(line.mark()),
                                "kind",
                                switch (line.mark()) {
                                    case '+' -> "new";
                                    case '-' -> "old";
                                    case '#' -> "head";
                                    default -> "same";
                                },
                                "text",
                                line.text()))
                        .toList());
        return model;
    }

    /** The registered keys of a person. */
    List<Map<String, Object>> keyRows(String person, LedgerPolicy policy) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (LedgerPolicy.Key key : policy.keysOf(person)) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("keyId", key.keyId());
            row.put("form", key.passkey() ? "passkey" : "key file, " + key.algorithm());
            row.put("roles", String.join(", ", key.roles()));
            row.put("bound", key.origin());
            row.put("fingerprint", GateChange.fingerprint(Base64.getDecoder().decode(key.publicKey())));
            rows.add(row);
        }
        return rows;
    }

    /** What the signing script needs: the person's registered public keys. */
    String keysOf(String person, LedgerPolicy policy) {
        List<Map<String, Object>> keys = policy.keysOf(person).stream()
                .map(k -> Map.<String, Object>of(
                        "keyId", k.keyId(),
                        "publicKey", k.publicKey(),
                        "algorithm", k.algorithm(),
                        "origin", k.origin()))
                .toList();
        try {
            return JSON.writeValueAsString(keys);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists of texts always encode", e);
        }
    }

    Map<String, Object> status(LedgerBoard.Snapshot snapshot, Optional<StopButton.State> stop) {
        Map<String, Object> model = new LinkedHashMap<>();
        List<Map<String, Object>> nodes = new ArrayList<>();
        LedgerNodes ledger = snapshot.nodes().orElse(null);
        if (ledger != null) {
            for (LedgerNodes.Node node : ledger.nodes()) {
                nodes.add(node(node, ledger, snapshot.statuses()));
            }
        }
        model.put("nodes", nodes);
        model.put("loaded", snapshot.everRead());
        model.put("stale", stale(snapshot.readAt(), snapshot.fault()));
        LedgerNodes.DigestAgreement agreement =
                ledger == null ? LedgerNodes.DigestAgreement.UNKNOWN : ledger.agreement();
        model.put(
                "digests",
                switch (agreement) {
                    case EQUAL -> "digests equal";
                    case DIFFERENT -> "digests differ";
                    case UNKNOWN -> "digests not attested yet";
                });
        model.put(
                "digestTone",
                switch (agreement) {
                    case EQUAL -> "good";
                    case DIFFERENT -> "bad";
                    case UNKNOWN -> "plain";
                });
        model.put("stopped", stop.map(StopButton.State::stopped).orElse(false));
        return model;
    }

    Map<String, Object> stop(StopButton.State state) {
        Map<String, Object> model = new LinkedHashMap<>();
        Instant since = state.since();
        model.put("stopped", state.stopped());
        model.put("who", state.who());
        model.put("why", state.why());
        model.put("since", since == null ? "" : Words.full(since));
        return model;
    }

    Map<String, Object> trailRow(TrailEntry entry) {
        Map<String, Object> row = new LinkedHashMap<>();
        OptionalLong anchored = trail.anchoredAt(entry.sequence());
        row.put("sequence", entry.sequence());
        row.put("clock", Words.clock(entry.at()));
        row.put("at", Words.full(entry.at()));
        row.put("kind", entry.kind());
        row.put("title", title(entry.kind()));
        row.put("storyId", entry.storyId());
        row.put("node", entry.node());
        row.put("eventId", entry.eventId());
        row.put("digest", entry.leafDigest());
        row.put("digestShort", Words.shortDigest(entry.leafDigest()));
        row.put("anchored", anchored.isPresent() ? Long.toString(anchored.getAsLong()) : "");
        return row;
    }

    private static Map<String, Object> node(LedgerNodes.Node node, LedgerNodes ledger, List<NodeStatus> statuses) {
        NodeStatus own = statuses.stream()
                .filter(s -> s.id().equals(node.id()))
                .findFirst()
                .orElse(null);
        String gate = own == null ? "no answer" : own.gate();
        boolean leads = node.id().equals(ledger.leader());
        boolean well = node.active() && node.member() && gate.equals("open");
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("id", node.id());
        model.put("leader", leads);
        model.put("state", node.state());
        model.put("gate", gate);
        model.put("member", node.member());
        model.put("incidentId", node.incidentId());
        model.put("tone", well ? "good" : gate.equals("no answer") || gate.equals("diverged") ? "bad" : "wait");
        List<String> says = new ArrayList<>();
        says.add(leads ? "leader" : node.member() ? "follower" : "not a member");
        if (!node.active()) {
            says.add(node.state());
        }
        if (!gate.equals("open")) {
            says.add(gate.equals("no answer") ? gate : "gate " + gate);
        }
        model.put("says", String.join(", ", says));
        return model;
    }

    private static Map<String, Object> progress(LedgerCase.RoleProgress progress) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("role", progress.role());
        model.put("wanted", progress.wanted());
        model.put("given", progress.given());
        model.put("filled", progress.filled());
        return model;
    }

    private Map<String, Object> approval(LedgerCase.Approval approval) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("person", approval.person());
        model.put("role", approval.role());
        model.put("keyId", approval.keyId());
        model.put("decision", Words.decision(approval.decision()));
        model.put("tone", approval.decision() == Decision.APPROVE ? "good" : "bad");
        model.put("reason", trail.texts().find(approval.reasonDigest()).orElse(""));
        model.put("reasonDigest", Words.shortDigest(approval.reasonDigest()));
        model.put("index", approval.index());
        return model;
    }

    private static Map<String, Object> anomaly(IncidentEvent.AnomalyRaised e) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("node", e.node());
        model.put("signal", e.signal());
        model.put("direction", Words.direction(e.direction()));
        model.put("severity", Words.words(e.severity()));
        model.put("cause", Words.words(e.cause()));
        model.put("model", e.modelId());
        model.put("score", Words.number(e.score()));
        model.put("threshold", Words.number(e.threshold()));
        model.put("window", Words.clock(e.windowStart()) + " – " + Words.clock(e.windowEnd()) + " UTC");
        model.put("windowDigest", e.windowDigest());
        model.put("windowDigestShort", Words.shortDigest(e.windowDigest()));
        model.put("provenanceShort", Words.shortDigest(e.provenanceDigest()));
        model.put("since", Words.clock(e.onset()));
        model.put("lead", e.leadMillis() > 0 ? Words.millis(e.leadMillis()) : "");
        model.put("rules", String.join(", ", e.rules()));
        model.put("origins", e.origins().stream().map(Words::suspicion).collect(Collectors.joining(", ")));
        model.put(
                "originReason", e.origins().isEmpty() ? "" : e.origins().get(0).reason());
        model.put("replay", "./homeostat replay " + e.anomalyId());
        double top = Math.max(e.expected(), e.observed());
        for (double peer : e.peers().values()) {
            top = Math.max(top, peer);
        }
        List<Map<String, Object>> bars = new ArrayList<>();
        bars.add(bar("Observed on " + e.node(), e.observed(), e.unit(), top, "observed"));
        bars.add(bar("Expected", e.expected(), e.unit(), top, "expected"));
        double scale = top;
        new TreeMap<>(e.peers())
                .forEach((peer, value) -> bars.add(bar("Peer " + peer, value, e.unit(), scale, "peer")));
        model.put("bars", bars);
        model.put(
                "contributions",
                e.contributions().stream()
                        .sorted(Comparator.comparingDouble(Contribution::share).reversed())
                        .limit(6)
                        .map(Views::contribution)
                        .toList());
        return model;
    }

    private static Map<String, Object> bar(String label, double value, String unit, double top, String tone) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("label", label);
        model.put("value", Words.measured(value, unit));
        model.put("width", top <= 0 ? 0 : Math.round(Math.max(0, value) / top * 1000) / 10.0);
        model.put("tone", tone);
        return model;
    }

    private static Map<String, Object> contribution(Contribution c) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("feature", c.feature());
        model.put("expected", Words.measured(c.expected(), c.unit()));
        model.put("observed", Words.measured(c.observed(), c.unit()));
        model.put("share", Math.round(c.share() * 100));
        return model;
    }

    private static @Nullable Map<String, Object> plan(Incident incident) {
        RecoveryPlan plan = incident.plan();
        if (plan == null) {
            return null;
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("planId", plan.planId());
        model.put("autonomy", Words.words(plan.autonomy()));
        model.put("digest", incident.planDigest());
        model.put("digestShort", Words.shortDigest(incident.planDigest()));
        model.put("alternatives", plan.alternatives());
        List<Map<String, Object>> steps = new ArrayList<>();
        for (RecoveryAction action : plan.actions()) {
            Incident.Action done = incident.actions().stream()
                    .filter(a -> a.actionId().equals(action.actionId()))
                    .findFirst()
                    .orElse(null);
            steps.add(step(action, done));
        }
        model.put("steps", steps);
        return model;
    }

    private static Map<String, Object> step(RecoveryAction action, Incident.@Nullable Action done) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("kind", Words.words(action.kind()));
        model.put("node", action.node());
        model.put("precondition", action.precondition());
        model.put("postcondition", action.postcondition());
        model.put("undo", action.undo());
        String outcome = "waiting";
        String tone = "plain";
        if (done != null) {
            var result = done.outcome();
            outcome = result == null ? "running" : Words.words(result);
            tone = result == null
                    ? "wait"
                    : switch (result) {
                        case SUCCEEDED -> "good";
                        case RUNNING -> "wait";
                        case FAILED, REFUSED -> "bad";
                    };
        }
        model.put("outcome", outcome);
        model.put("tone", tone);
        model.put("detail", done == null ? "" : done.detail());
        model.put("took", done == null || done.durationMillis() < 0 ? "" : Words.millis(done.durationMillis()));
        return model;
    }

    /** Points on a line from the first anomaly to the last phase, at places in percent. */
    private static List<Map<String, Object>> phases(Incident.Phases phases) {
        long end = Math.max(
                1, Math.max(phases.recover(), Math.max(phases.act(), Math.max(phases.plan(), phases.isolate()))));
        List<Map<String, Object>> points = new ArrayList<>();
        points.add(phase("Anomaly raised", 0, end, "bad"));
        addPhase(points, "Isolated", phases.isolate(), end, "wait");
        addPhase(points, "Planned", phases.plan(), end, "plain");
        addPhase(points, "First action", phases.act(), end, "plain");
        addPhase(points, "Recovery verified", phases.recover(), end, "good");
        return points;
    }

    private static void addPhase(List<Map<String, Object>> points, String label, long millis, long end, String tone) {
        if (millis >= 0) {
            points.add(phase(label, millis, end, tone));
        }
    }

    private static Map<String, Object> phase(String label, long millis, long end, String tone) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("label", label);
        model.put("after", millis == 0 ? "0 s" : "+" + Words.millis(millis));
        model.put("place", Math.round(millis * 1000.0 / end) / 10.0);
        model.put("tone", tone);
        return model;
    }

    private String stale(Instant readAt, String fault) {
        if (fault.isEmpty()) {
            return "";
        }
        return readAt.isAfter(Instant.EPOCH)
                ? "The ledger does not answer. What you see is " + Words.span(Duration.between(readAt, clock.instant()))
                        + " old."
                : "The ledger has not answered yet.";
    }

    private static String tone(LedgerCase.State state) {
        return switch (state) {
            case OPEN -> "wait";
            case APPROVED -> "good";
            case DENIED -> "bad";
            case EXPIRED, SUPERSEDED -> "plain";
        };
    }

    private static String tone(Incident incident) {
        return switch (incident.state()) {
            case OPENED, ISOLATED, ESCALATED -> "bad";
            case OBSERVED -> "plain";
            case WAITING, RECOVERING -> "wait";
            case VERIFIED, CLOSED -> "good";
        };
    }

    static String anchor(String id) {
        return id.replaceAll("[^A-Za-z0-9-]", "-");
    }

    private static String title(String kind) {
        String spaced = kind.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
        return spaced.substring(0, 1).toUpperCase(Locale.ROOT) + spaced.substring(1);
    }
}

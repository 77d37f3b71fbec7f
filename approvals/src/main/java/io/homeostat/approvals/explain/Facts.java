package io.homeostat.approvals.explain;

import io.homeostat.approvals.inbox.Incident;
import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.events.Cause;
import io.homeostat.events.Contribution;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.RoleQuorum;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that an explanation may say, as typed facts with the ids of the events behind them. Texts of events (reasons,
 * details) are not among them. The same events give the same facts in the same order.
 *
 * @param subject {@code incident} or {@code transfer}
 * @param inconclusive true when the facts do not point to one cause
 */
record Facts(String subject, String storyId, String node, boolean inconclusive, List<Evidence> evidence) {
    private static final int CONTRIBUTIONS = 3;

    Facts {
        evidence = List.copyOf(evidence);
    }

    /** Facts of an incident up to and with the plan. */
    static Facts ofIncident(Incident incident, ExplainLimits limits) {
        List<Evidence> evidence = new ArrayList<>();
        for (IncidentEvent event : incident.timeline()) {
            if (event instanceof IncidentEvent.AnomalyRaised e) {
                evidence.add(anomaly(e));
            } else if (event instanceof IncidentEvent.IncidentOpened e) {
                evidence.add(new Evidence(
                        e.eventId(),
                        "incident",
                        List.of(
                                Evidence.Name.of("node", e.node()),
                                Evidence.Name.of("cause", words(e.cause())),
                                Evidence.Name.of("severity", words(e.severity()))),
                        List.of(Evidence.Quantity.count(
                                "anomalies", e.anomalyIds().size()))));
            } else if (event instanceof IncidentEvent.BreakerOpened e) {
                evidence.add(new Evidence(
                        e.eventId(),
                        "breaker",
                        List.of(
                                Evidence.Name.of("node", e.node()),
                                Evidence.Name.of("from", words(e.from())),
                                Evidence.Name.of("to", words(e.to()))),
                        e.ledgerIndex() < 0
                                ? List.of()
                                : List.of(Evidence.Quantity.count("ledgerIndex", e.ledgerIndex()))));
            } else if (event instanceof IncidentEvent.RecoveryPlanned e) {
                evidence.add(plan(e.eventId(), e.plan()));
            }
        }
        boolean oneCause = incident.anomalies().stream()
                        .map(IncidentEvent.AnomalyRaised::cause)
                        .distinct()
                        .count()
                == 1;
        return new Facts(
                "incident",
                incident.incidentId(),
                incident.node(),
                !oneCause || incident.cause() == Cause.DEVIATION,
                evidence.stream().limit(limits.maxEvidence()).toList());
    }

    /** Facts of a held transfer: what the ledger's gate says of it. */
    static Facts ofTransfer(IncidentEvent.ApprovalRequested requested, LedgerCase held, String tier) {
        LedgerCase.Transfer transfer = held.transfer();
        if (transfer == null) {
            throw new IllegalArgumentException("expected a transfer in case " + held.caseId() + " but found none");
        }
        List<Evidence.Name> names = new ArrayList<>(List.of(
                Evidence.Name.of("debit", transfer.debit()),
                Evidence.Name.of("credit", transfer.credit()),
                Evidence.Name.of("asset", transfer.asset()),
                Evidence.Name.of("requester", held.requester())));
        if (!tier.isEmpty()) {
            names.add(Evidence.Name.of("tier", tier));
        }
        List<Evidence.Quantity> quantities = new ArrayList<>();
        quantities.add(new Evidence.Quantity(
                "amount", BigDecimal.valueOf(transfer.amount(), transfer.exponent()), transfer.asset()));
        for (RoleQuorum demand : held.demands()) {
            names.add(Evidence.Name.of("role", demand.role()));
            quantities.add(Evidence.Quantity.count("signatures of " + demand.role(), demand.count()));
        }
        Duration open = Duration.between(micros(held.openedAtMicros()), micros(held.expiresAtMicros()));
        quantities.add(new Evidence.Quantity("open for", BigDecimal.valueOf(open.toMinutes()), "min"));
        return new Facts(
                "transfer",
                requested.storyId(),
                "",
                false,
                List.of(new Evidence(requested.eventId(), "held transfer", names, quantities)));
    }

    /** What the model is given: data only, as plain nested maps in a fixed order. */
    Map<String, Object> asJson() {
        List<Map<String, Object>> listed = new ArrayList<>();
        for (Evidence one : evidence) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", one.id());
            json.put("what", one.what());
            json.put(
                    "names",
                    one.names().stream()
                            .map(n -> Map.of("field", n.field(), "value", n.value()))
                            .toList());
            json.put(
                    "quantities",
                    one.quantities().stream()
                            .map(q -> Map.of("name", q.name(), "value", q.shown(), "unit", q.unit()))
                            .toList());
            listed.add(json);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("subject", subject);
        json.put("inconclusive", inconclusive);
        json.put("evidence", listed);
        return json;
    }

    private static Evidence anomaly(IncidentEvent.AnomalyRaised e) {
        List<Evidence.Name> names = new ArrayList<>(List.of(
                Evidence.Name.of("node", e.node()),
                Evidence.Name.of("cause", words(e.cause())),
                Evidence.Name.of("signal", e.signal()),
                Evidence.Name.of("direction", words(e.direction())),
                Evidence.Name.of("model", e.modelId())));
        List<Evidence.Quantity> quantities = new ArrayList<>(List.of(
                Evidence.Quantity.measured("expected", e.expected(), e.unit()),
                Evidence.Quantity.measured("observed", e.observed(), e.unit()),
                Evidence.Quantity.measured("score", e.score(), ""),
                Evidence.Quantity.measured("threshold", e.threshold(), "")));
        if (e.expected() > 0 && e.observed() > 0) {
            quantities.add(new Evidence.Quantity(
                    "ratio",
                    BigDecimal.valueOf(e.observed()).divide(BigDecimal.valueOf(e.expected()), MathContext.DECIMAL64),
                    "times"));
        }
        e.contributions().stream()
                .sorted(Comparator.comparingDouble(Contribution::share).reversed())
                .limit(CONTRIBUTIONS)
                .forEach(c -> {
                    Evidence.Name feature = Evidence.Name.of("feature", c.feature());
                    names.add(feature);
                    quantities.add(new Evidence.Quantity(
                            "share of " + feature.value(),
                            BigDecimal.valueOf(c.share()).movePointRight(2),
                            "%"));
                });
        new TreeMap<>(e.peers()).forEach((peer, value) -> {
            Evidence.Name name = Evidence.Name.of("peer", peer);
            names.add(name);
            quantities.add(Evidence.Quantity.measured("observed at " + name.value(), value, e.unit()));
        });
        return new Evidence(e.eventId(), "anomaly", names, quantities);
    }

    private static Evidence plan(String eventId, RecoveryPlan plan) {
        List<Evidence.Name> names = new ArrayList<>();
        names.add(Evidence.Name.of("node", plan.node()));
        names.add(Evidence.Name.of("autonomy", words(plan.autonomy())));
        for (RecoveryAction action : plan.actions()) {
            names.add(Evidence.Name.of("action", words(action.kind())));
        }
        return new Evidence(
                eventId,
                "plan",
                names,
                List.of(
                        Evidence.Quantity.count("actions", plan.actions().size()),
                        Evidence.Quantity.count(
                                "alternatives", plan.alternatives().size())));
    }

    private static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Instant micros(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    }
}

package io.homeostat.detector.replay;

import io.homeostat.detector.evidence.EvidenceException;
import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.FeedbackRule.Kind;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.replay.BackTestReport.Outcome;
import io.homeostat.detector.replay.BackTestReport.Row;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.Finding;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Judges every sealed alert once more as if a rule had always been in force, beside the rules that were. A warning is kept
 * when its own window would still warn of something on that node; which signal leads it may change. Not thread-safe.
 */
public final class BackTest {
    private final Replay replay;

    /** @param folder the detector's data folder, or a copy of it */
    public BackTest(Path folder) {
        this.replay = new Replay(folder);
    }

    /** @param rules known rules: those of kind CONFIRMED are labels, the others count where they are in force */
    public BackTestReport run(FeedbackRule proposal, RuleBook rules, List<Label> labels) {
        FeedbackRule always = always(proposal);
        List<Row> rows = new ArrayList<>();
        Map<String, AnomalyRaised> alerts = new HashMap<>();
        for (AnomalyRaised alert : replay.store().alerts()) {
            rows.add(row(alert, always));
            alerts.put(alert.anomalyId(), alert);
        }
        List<Label> all = new ArrayList<>(labels);
        for (FeedbackRule rule : rules.rules()) {
            AnomalyRaised confirmed = rule.kind() == Kind.CONFIRMED ? alerts.get(rule.alert()) : null;
            if (confirmed != null) {
                all.add(new Label(
                        "confirmed " + rule.alert() + " by " + rule.author(),
                        confirmed.node(),
                        confirmed.at(),
                        confirmed.at()));
            }
        }
        List<String> missed = new ArrayList<>();
        int faults = 0;
        for (Label label : all) {
            List<Outcome> outcomes = rows.stream()
                    .filter(row -> Optional.ofNullable(alerts.get(row.alert()))
                            .filter(label::covers)
                            .isPresent())
                    .map(Row::outcome)
                    .toList();
            faults += outcomes.isEmpty() ? 0 : 1;
            boolean seen = outcomes.stream().anyMatch(o -> o == Outcome.KEPT || o == Outcome.HELD);
            if (outcomes.contains(Outcome.SUPPRESSED) && !seen) {
                missed.add(label.name());
            }
        }
        return new BackTestReport(rows, missed, faults);
    }

    private Row row(AnomalyRaised alert, FeedbackRule rule) {
        Outcome outcome;
        String detail;
        try {
            Replay.Opened opened = replay.open(alert);
            RuleBook book = RuleBook.of(opened.sealed().rules()).with(rule);
            Optional<String> lead = lead(opened, alert, book);
            boolean held =
                    book.holds(alert.node(), alert.cause(), alert.windowStart().toEpochMilli());
            outcome = lead.isEmpty() ? Outcome.SUPPRESSED : held ? Outcome.HELD : Outcome.KEPT;
            detail = lead.filter(signal -> !signal.equals(alert.signal()))
                    .map(signal -> "led by " + signal)
                    .orElse("");
        } catch (EvidenceException e) {
            outcome = Outcome.UNKNOWN;
            detail = String.valueOf(e.getMessage());
        }
        return new Row(
                alert.anomalyId(), alert.at(), alert.node(), alert.cause().name(), alert.signal(), outcome, detail);
    }

    /** The signal that leads what the window tells of the node, if it tells of anything. */
    private static Optional<String> lead(Replay.Opened opened, AnomalyRaised alert, RuleBook book) {
        if (opened.scoring().isPresent()) {
            return opened.policy()
                    .warning(
                            opened.sealed().track().copy(),
                            alert.node(),
                            opened.sealed().window(),
                            opened.scoring().get(),
                            book)
                    .map(Finding::signal);
        }
        return Replay.decide(opened, book).stream()
                .flatMap(decision -> Replay.raised(decision).stream())
                .filter(raise -> raise.anomalyId().equals(alert.anomalyId()))
                .map(Decision.Raise::finding)
                .map(Finding::signal)
                .findFirst();
    }

    /** The rule without its limits in time: the past is judged by it as a whole. */
    private static FeedbackRule always(FeedbackRule rule) {
        return FeedbackRule.of(
                rule.kind(),
                rule.node(),
                rule.signal(),
                rule.direction(),
                rule.amount(),
                0,
                FeedbackRule.ALWAYS,
                rule.alert(),
                rule.author(),
                rule.reason(),
                rule.backTestDigest());
    }

    /** The rule that answers a false alarm: the same signal on the same node needs a score a twentieth above it. */
    public static FeedbackRule falseAlarm(
            AnomalyRaised alert, String author, String reason, Instant from, long untilMillis, String backTestDigest) {
        if (alert.modelId().startsWith("rule:")) {
            throw new IllegalArgumentException("alert " + alert.anomalyId() + " is hard evidence by " + alert.modelId()
                    + ": it has no threshold; a planned stop is a maintenance window");
        }
        return FeedbackRule.of(
                Kind.FALSE_ALARM,
                alert.node(),
                alert.signal(),
                alert.direction().name(),
                1.05 * alert.score() / alert.threshold(),
                from.toEpochMilli(),
                untilMillis,
                alert.anomalyId(),
                author,
                reason,
                backTestDigest);
    }
}

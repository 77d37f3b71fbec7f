package io.homeostat.deploy;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.control.ControlTopic;
import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.FeedbackRule.Kind;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.replay.BackTest;
import io.homeostat.detector.replay.BackTestReport;
import io.homeostat.detector.replay.BackTestReport.Outcome;
import io.homeostat.detector.replay.Label;
import io.homeostat.detector.replay.Replay;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What people know and the detector does not. */
@Command(
        name = "feedback",
        description = {
            "Tells the detector what people know: a false alarm, a direction or a difference that does not matter,",
            "a node that needs a higher score, a maintenance window; or that an alert was true.",
            "First shows what every past alert would have been under the rule. Nothing changes without --apply.",
            "A rule moves warnings only. Maintenance holds other alerts back, but divergence, and raises at its end",
            "what is still abnormal."
        },
        footer = {
            "%nActs: false-alarm ALERT, ignore, min-difference, entity, maintenance, confirm ALERT, revoke RULE, list",
            "%nExamples:",
            "  ./homeostat feedback false-alarm anomaly-0f3b5c1d2e4a69788796a5b4",
            "  ./homeostat feedback false-alarm anomaly-0f3b5c1d2e4a69788796a5b4 --apply --author olga --reason backup",
            "  ./homeostat feedback ignore --signal \"ledger.transfers rate\" --direction below --node n2",
            "  ./homeostat feedback min-difference --signal \"ledger.commit.duration p99\" --amount 0.05",
            "  ./homeostat feedback entity --node n2 --amount 1.5 --apply --author olga --reason \"slow disk by design\"",
            "  ./homeostat feedback maintenance --node n2 --for 30m --apply --author olga --reason \"new disks\"",
            "  ./homeostat feedback list --json"
        })
final class FeedbackCommand implements Callable<Integer> {
    private enum Act {
        FALSE_ALARM(Kind.FALSE_ALARM),
        IGNORE(Kind.IGNORE_DIRECTION),
        MIN_DIFFERENCE(Kind.MIN_DIFFERENCE),
        ENTITY(Kind.ENTITY),
        MAINTENANCE(Kind.MAINTENANCE),
        CONFIRM(Kind.CONFIRMED),
        REVOKE(Kind.REVOKED),
        LIST(Kind.CONFIRMED);

        private final Kind kind;

        Act(Kind kind) {
            this.kind = kind;
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "ACT", description = "what to tell, see below")
    private String told = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "SUBJECT", description = "an alert's or a rule's id")
    private String subject = "";

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--node", paramLabel = "NODE", description = "of this node only (default: every node)")
    private String node = "";

    @Option(names = "--signal", paramLabel = "NAME", description = "the signal, by its name in the catalog")
    private String signal = "";

    @Option(names = "--direction", paramLabel = "SIDE", description = "above or below")
    private String direction = "";

    @Option(
            names = "--amount",
            paramLabel = "N",
            description = "least difference in the signal's unit, or factor on the threshold")
    private double amount;

    @Option(names = "--from", paramLabel = "INSTANT", description = "when it begins to hold (default: now)")
    private Optional<Instant> from = Optional.empty();

    @Option(names = "--for", paramLabel = "TIME", description = "for how long: 90s, 30m, 2h (default: for ever)")
    private String time = "";

    @Option(names = "--labels", paramLabel = "FILE", description = "known faults: start,end,node,fault")
    private Optional<Path> labels = Optional.empty();

    @Option(names = "--apply", description = "record the rule and put it in force")
    private boolean apply;

    @Option(names = "--author", paramLabel = "PERSON", description = "whose rule it is (with --apply)")
    private String author = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why (with --apply)")
    private String reason = "";

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() {
        Act act = act();
        if (apply && (author.isBlank() || reason.isBlank())) {
            throw new ParameterException(spec.commandLine(), "--apply needs --author and --reason");
        }
        String bootstrap = data.open().topology().kafka().bootstrap();
        // A back-test needs no running platform, only what people confirmed stands in the topic.
        RuleBook known = apply || act == Act.LIST || act == Act.REVOKE ? rules(bootstrap) : rulesIfUp(bootstrap);
        if (act == Act.LIST) {
            list(known);
            return 0;
        }
        FeedbackRule draft;
        BackTestReport report;
        try {
            draft = draft(act, "");
            report = new BackTest(data.detector())
                    .run(draft, known, labels.map(Label::read).orElse(List.of()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        FeedbackRule rule = draft(act, EventCodec.digest(report));
        if (json.wanted()) {
            print(report, rule);
        } else {
            show(report);
        }
        if (apply) {
            ControlTopic.send(bootstrap, ControlMessage.encode(rule));
        }
        if (!json.wanted()) {
            System.out.println(
                    apply
                            ? "told the detector: " + rule.id() + "; the trail will say so, with the author"
                            : "nothing has changed; --apply --author PERSON --reason TEXT puts it in force");
        }
        return 0;
    }

    private Act act() {
        String name = told.toUpperCase(Locale.ROOT).replace('-', '_');
        for (Act act : Act.values()) {
            if (act.name().equals(name)) {
                return act;
            }
        }
        throw new ParameterException(
                spec.commandLine(),
                "expected false-alarm, ignore, min-difference, entity, maintenance, confirm, revoke or list but found '"
                        + told + "'");
    }

    private FeedbackRule draft(Act act, String backTestDigest) {
        String whose = author.isBlank() ? "nobody yet" : author;
        long begin = from.orElseGet(Instant::now).toEpochMilli();
        long end = time.isEmpty() ? FeedbackRule.ALWAYS : begin + duration().toMillis();
        if (act == Act.MAINTENANCE && time.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "maintenance needs --for");
        }
        if (act == Act.FALSE_ALARM) {
            AnomalyRaised alert = new Replay(data.detector()).store().alert(subject);
            return BackTest.falseAlarm(alert, whose, reason, Instant.ofEpochMilli(begin), end, backTestDigest);
        }
        return FeedbackRule.of(
                act.kind,
                node,
                signal,
                direction.toUpperCase(Locale.ROOT),
                amount,
                begin,
                end,
                subject,
                whose,
                reason,
                backTestDigest);
    }

    private Duration duration() {
        try {
            Duration asked = Duration.parse("PT" + time.toUpperCase(Locale.ROOT));
            if (asked.toSeconds() >= 1) {
                return asked;
            }
        } catch (DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(), "--for must be a time like 90s, 30m or 2h but is '" + time + "'", e);
        }
        throw new ParameterException(spec.commandLine(), "--for must be at least 1s but is '" + time + "'");
    }

    private static RuleBook rules(String bootstrap) {
        return ControlTopic.rules(ControlTopic.read(bootstrap));
    }

    private static RuleBook rulesIfUp(String bootstrap) {
        try {
            return rules(bootstrap);
        } catch (io.homeostat.detector.DetectorException e) {
            System.err.println("feedback: the platform is not up; alerts that people confirmed are not known here");
            return RuleBook.none();
        }
    }

    private void list(RuleBook rules) {
        if (json.wanted()) {
            System.out.println(
                    new String(EventCodec.canonicalJson(Map.of("rules", rules.rules())), StandardCharsets.UTF_8));
            return;
        }
        if (rules.rules().isEmpty()) {
            System.out.println("no feedback");
        }
        for (FeedbackRule rule : rules.rules()) {
            System.out.printf(
                    "%s %-16s %s from %s until %s by %s: %s%n",
                    rule.id(),
                    rule.kind(),
                    String.join(" ", rule.node(), rule.signal(), rule.direction(), rule.alert())
                            .trim(),
                    Instant.ofEpochMilli(rule.fromMillis()),
                    rule.untilMillis() == FeedbackRule.ALWAYS ? "revoked" : Instant.ofEpochMilli(rule.untilMillis()),
                    rule.author(),
                    rule.reason());
        }
    }

    private static void show(BackTestReport report) {
        for (BackTestReport.Row row : report.rows()) {
            System.out.printf(
                    "%s  %s %-10s %-3s %-10s %s %s%n",
                    row.outcome(), row.at(), row.cause(), row.node(), row.alert(), row.signal(), row.detail());
        }
        System.out.printf(
                "of %d past alerts: %d kept, %d suppressed, %d held, %d unknown%n",
                report.rows().size(),
                report.count(Outcome.KEPT),
                report.count(Outcome.SUPPRESSED),
                report.count(Outcome.HELD),
                report.count(Outcome.UNKNOWN));
        System.out.printf(
                "of %d known faults with an alert: %d would be missed%n",
                report.faults(), report.faultsMissed().size());
        report.faultsMissed().forEach(fault -> System.out.println("  MISSED " + fault));
    }

    private void print(BackTestReport report, FeedbackRule rule) {
        Map<String, Object> all = new TreeMap<>();
        all.put("applied", apply);
        all.put("rule", rule);
        all.put("backTest", report);
        System.out.println(new String(EventCodec.canonicalJson(all), StandardCharsets.UTF_8));
    }
}

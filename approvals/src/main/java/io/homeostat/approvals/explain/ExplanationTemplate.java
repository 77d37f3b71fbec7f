package io.homeostat.approvals.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The words without a model: the same facts always give the same text, and every sentence holds against {@link
 * ExplanationCheck}. Stateless.
 */
final class ExplanationTemplate {
    private ExplanationTemplate() {}

    static List<Sentence> write(Facts facts) {
        List<Sentence> sentences = new ArrayList<>();
        for (Evidence evidence : facts.evidence()) {
            List<String> cited = List.of(evidence.id());
            switch (evidence.what()) {
                case "anomaly" -> anomaly(evidence, cited, sentences);
                case "incident" ->
                    sentences.add(new Sentence(
                            "The incident on " + name(evidence, "node") + " is treated as " + name(evidence, "cause")
                                    + " with severity " + name(evidence, "severity") + ".",
                            cited));
                case "breaker" ->
                    sentences.add(new Sentence(
                            "The breaker of " + name(evidence, "node") + " went from " + name(evidence, "from") + " to "
                                    + name(evidence, "to") + ".",
                            cited));
                case "plan" ->
                    sentences.add(new Sentence(
                            "The plan for " + name(evidence, "node") + " has " + counted(evidence, "actions", "step")
                                    + ": " + names(evidence, "action") + "; " + autonomy(name(evidence, "autonomy"))
                                    + ".",
                            cited));
                case "held transfer" -> transfer(evidence, cited, sentences);
                default -> throw new IllegalArgumentException("no words for a fact of kind " + evidence.what());
            }
        }
        if (facts.inconclusive() && !facts.evidence().isEmpty()) {
            sentences.add(new Sentence(
                    "The evidence does not point to one cause: treat this as inconclusive.",
                    List.of(facts.evidence().get(0).id())));
        }
        return sentences;
    }

    private static void anomaly(Evidence evidence, List<String> cited, List<Sentence> sentences) {
        boolean absent = name(evidence, "direction").equals("absent");
        sentences.add(new Sentence(
                absent
                        ? "Node " + name(evidence, "node") + " sent no value of " + name(evidence, "signal") + " where "
                                + quantity(evidence, "expected") + " was expected."
                        : "Node " + name(evidence, "node") + " showed " + name(evidence, "signal") + " of "
                                + quantity(evidence, "observed") + " where " + quantity(evidence, "expected")
                                + " was expected.",
                cited));
        sentences.add(new Sentence(
                "The score is " + quantity(evidence, "score") + " against a threshold of "
                        + quantity(evidence, "threshold") + ".",
                cited));
        String peers = evidence.quantities().stream()
                .filter(q -> q.name().startsWith("observed at "))
                .map(q -> q.withUnit() + " on " + q.name().substring("observed at ".length()))
                .collect(Collectors.joining(", "));
        if (!peers.isEmpty()) {
            sentences.add(new Sentence("Its peers showed " + peers + " in the same window.", cited));
        }
        evidence.quantities().stream()
                .filter(q -> q.name().startsWith("share of "))
                .findFirst()
                .ifPresent(q -> sentences.add(new Sentence(
                        "The largest part of the score, " + q.withUnit() + ", comes from "
                                + q.name().substring("share of ".length()) + ".",
                        cited)));
    }

    private static void transfer(Evidence evidence, List<String> cited, List<Sentence> sentences) {
        Evidence.Quantity amount = find(evidence, "amount");
        sentences.add(new Sentence(
                amount.unit() + " "
                        + String.format(
                                Locale.ROOT, "%,." + Math.max(0, amount.value().scale()) + "f", amount.value())
                        + " would move from " + name(evidence, "debit") + " to " + name(evidence, "credit")
                        + "; the funds are reserved and nothing has been posted.",
                cited));
        boolean tiered = evidence.names().stream().anyMatch(n -> n.field().equals("tier"));
        sentences.add(new Sentence(
                "The request came from " + name(evidence, "requester")
                        + (tiered ? " and falls in the tier " + name(evidence, "tier") + "." : "."),
                cited));
        String demands = evidence.quantities().stream()
                .filter(q -> q.name().startsWith("signatures of "))
                .map(q -> q.shown() + " with the role " + q.name().substring("signatures of ".length()))
                .collect(Collectors.joining(" and "));
        sentences.add(
                new Sentence("The ledger asks for signatures: " + demands + "; the requester does not count.", cited));
        sentences.add(new Sentence(
                "Without them the funds are freed " + quantity(evidence, "open for") + " after the request.", cited));
    }

    private static String counted(Evidence evidence, String name, String thing) {
        String count = quantity(evidence, name);
        return count + " " + thing + (count.equals("1") ? "" : "s");
    }

    private static String autonomy(String level) {
        return switch (level) {
            case "observe" -> "policy lets nothing of it be carried out";
            case "propose" -> "policy leaves it to people to carry it out";
            case "approve" -> "it waits for signatures";
            case "auto" -> "policy lets it start at once";
            default -> throw new IllegalArgumentException("no words for the level of autonomy " + level);
        };
    }

    private static String name(Evidence evidence, String field) {
        return evidence.names().stream()
                .filter(n -> n.field().equals(field))
                .map(Evidence.Name::value)
                .findFirst()
                .orElse("unknown");
    }

    private static String names(Evidence evidence, String field) {
        return evidence.names().stream()
                .filter(n -> n.field().equals(field))
                .map(Evidence.Name::value)
                .collect(Collectors.joining(", "));
    }

    private static String quantity(Evidence evidence, String name) {
        return find(evidence, name).withUnit();
    }

    private static Evidence.Quantity find(Evidence evidence, String name) {
        return evidence.quantities().stream()
                .filter(q -> q.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected a quantity " + name + " in the fact " + evidence.id() + " but found none"));
    }
}

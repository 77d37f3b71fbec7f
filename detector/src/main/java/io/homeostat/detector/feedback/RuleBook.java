package io.homeostat.detector.feedback;

import io.homeostat.detector.feedback.FeedbackRule.Kind;
import io.homeostat.events.Cause;
import io.homeostat.events.Direction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The rules that are known, without those that were revoked, ordered by id. Immutable, thread-safe. */
public final class RuleBook {
    /** More rules than this are no feedback any more but a fault; every judged window looks at each. */
    public static final int MAX_RULES = 1_000;

    private static final RuleBook NONE = new RuleBook(List.of());

    private final List<FeedbackRule> rules;

    private RuleBook(List<FeedbackRule> rules) {
        this.rules = rules;
    }

    public static RuleBook none() {
        return NONE;
    }

    /** @throws IllegalArgumentException when there are more than {@link #MAX_RULES} */
    public static RuleBook of(Collection<FeedbackRule> given) {
        if (given.size() > MAX_RULES) {
            throw new IllegalArgumentException(
                    "expected at most " + MAX_RULES + " feedback rules but found " + given.size());
        }
        Set<String> revoked = new HashSet<>();
        given.stream().filter(rule -> rule.kind() == Kind.REVOKED).forEach(rule -> revoked.add(rule.alert()));
        List<FeedbackRule> kept = new ArrayList<>();
        for (FeedbackRule rule : given) {
            if (rule.kind() != Kind.REVOKED && !revoked.contains(rule.id())) {
                kept.add(rule);
            }
        }
        kept.sort(Comparator.comparing(FeedbackRule::id));
        return new RuleBook(List.copyOf(kept));
    }

    public List<FeedbackRule> rules() {
        return rules;
    }

    /** This book with one rule more. */
    public RuleBook with(FeedbackRule rule) {
        List<FeedbackRule> more = new ArrayList<>(rules);
        more.removeIf(known -> known.id().equals(rule.id()));
        more.add(rule);
        return of(more);
    }

    /** The rules that can change a verdict of a window that starts then. */
    public RuleBook at(long millis) {
        return new RuleBook(rules.stream()
                .filter(rule -> rule.holdsAt(millis) && rule.kind() != Kind.CONFIRMED)
                .toList());
    }

    /** Ids of the rules that can change a verdict about the node in a window that starts then. */
    public List<String> inForce(String node, long millis) {
        return at(millis).rules.stream()
                .filter(rule -> rule.isAbout(node))
                .map(FeedbackRule::id)
                .toList();
    }

    /**
     * True when maintenance holds an alert back. Divergence is never held: a node whose balances are wrong is not under
     * maintenance, it is wrong.
     */
    public boolean holds(String node, Cause cause, long millis) {
        return cause != Cause.DIVERGENCE && inMaintenance(node, millis);
    }

    public boolean inMaintenance(String node, long millis) {
        return rules.stream()
                .anyMatch(rule -> rule.kind() == Kind.MAINTENANCE && rule.holdsAt(millis) && rule.isAbout(node));
    }

    /** True when no rule forbids a warning that this signal leads. */
    public boolean permits(
            String node,
            String signal,
            Direction direction,
            double expected,
            double observed,
            double score,
            double threshold,
            long millis) {
        return rules.stream()
                .filter(rule -> rule.holdsAt(millis) && rule.isAbout(node))
                .filter(rule -> rule.signal().isEmpty() || rule.signal().equals(signal))
                .filter(rule -> rule.direction().isEmpty() || rule.direction().equals(direction.name()))
                .noneMatch(rule -> switch (rule.kind()) {
                    case FALSE_ALARM, ENTITY -> score <= rule.amount() * threshold;
                    case IGNORE_DIRECTION -> true;
                    case MIN_DIFFERENCE -> Math.abs(observed - expected) < rule.amount();
                    case MAINTENANCE, CONFIRMED, REVOKED -> false;
                });
    }
}

package io.homeostat.detector.feedback;

import io.homeostat.events.codec.EventCodec;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;

/**
 * One rule that a person gave, flat for Flink. An empty text means every node, signal or direction.
 *
 * @param id {@code rule-} and the digest of all other fields: the same words are the same rule
 * @param node the node that it is about
 * @param signal catalog name of the signal that it is about
 * @param direction ABOVE or BELOW
 * @param amount factor on the threshold (FALSE_ALARM, ENTITY) or least difference in the signal's unit (MIN_DIFFERENCE); else 0
 * @param fromMillis event time from which it holds, inclusive
 * @param untilMillis event time until which it holds, exclusive; {@link #ALWAYS} for one without end
 * @param alert anomaly id that it answers, or empty
 * @param author who gave it
 * @param backTestDigest hex SHA-256 of the back-test that was shown before it was given
 */
public record FeedbackRule(
        String id,
        Kind kind,
        String node,
        String signal,
        String direction,
        double amount,
        long fromMillis,
        long untilMillis,
        String alert,
        String author,
        String reason,
        String backTestDigest)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    /** End of a rule that has none: 9999-12-31, so that it is an instant in every format. */
    public static final long ALWAYS = 253_402_214_400_000L;
    /** A longer text is a mistake of the caller. */
    public static final int MAX_TEXT = 1_000;
    /** A greater factor would switch the model off for good: that is a decision about the model, not a rule. */
    public static final double MAX_FACTOR = 100;
    /** A longer maintenance window would hide a node. */
    public static final long MAX_MAINTENANCE_MILLIS = 7 * 86_400_000L;

    /** What a rule does, and so what it must say. */
    public enum Kind {
        /** The alert was false: its signal on its node needs a score above the one that it had. */
        FALSE_ALARM(Amount.FACTOR, About.SIGNAL),
        /** A deviation of the signal to this side is no warning. */
        IGNORE_DIRECTION(Amount.NONE, About.SIGNAL),
        /** A smaller difference between observed and expected is no warning. */
        MIN_DIFFERENCE(Amount.DIFFERENCE, About.SIGNAL),
        /** The node needs a higher score. */
        ENTITY(Amount.FACTOR, About.NODE),
        /** Alerts are held back; what is abnormal at the end is raised then. */
        MAINTENANCE(Amount.NONE, About.ANYTHING),
        /** The alert was true: a label for back-tests; changes no verdict. */
        CONFIRMED(Amount.NONE, About.ALERT),
        /** Takes the rule whose id stands in {@code alert} out of force. */
        REVOKED(Amount.NONE, About.RULE);

        private final Amount amount;
        private final About about;

        Kind(Amount amount, About about) {
            this.amount = amount;
            this.about = about;
        }
    }

    private enum Amount {
        NONE("0", amount -> amount == 0),
        FACTOR("a factor in [1, " + MAX_FACTOR + "]", amount -> amount >= 1 && amount <= MAX_FACTOR),
        DIFFERENCE("a difference above 0", amount -> amount > 0 && Double.isFinite(amount));

        private final String words;
        private final DoublePredicate fits;

        Amount(String words, DoublePredicate fits) {
            this.words = words;
            this.fits = fits;
        }
    }

    private enum About {
        ANYTHING("nothing", rule -> true),
        SIGNAL("a signal", rule -> !rule.signal.isEmpty()),
        NODE("a node", rule -> !rule.node.isEmpty()),
        ALERT("an alert", rule -> !rule.alert.isEmpty()),
        RULE("the id of a rule", rule -> !rule.alert.isEmpty());

        private final String words;
        private final Predicate<Subject> fits;

        About(String words, Predicate<Subject> fits) {
            this.words = words;
            this.fits = fits;
        }
    }

    private record Subject(String node, String signal, String alert) {}

    public FeedbackRule {
        text(node, "node");
        text(signal, "signal");
        text(author, "author");
        text(reason, "reason");
        text(alert, "alert");
        if (!direction.isEmpty() && !direction.equals("ABOVE") && !direction.equals("BELOW")) {
            throw new IllegalArgumentException("direction must be ABOVE or BELOW but is '" + direction + "'");
        }
        if (author.isBlank()) {
            throw new IllegalArgumentException("author must not be empty: a rule is somebody's");
        }
        if (untilMillis <= fromMillis || untilMillis > ALWAYS) {
            throw new IllegalArgumentException(
                    "a rule must end after its start at " + fromMillis + " but ends at " + untilMillis);
        }
        if (!kind.amount.fits.test(amount)) {
            throw new IllegalArgumentException(
                    "amount of " + kind + " must be " + kind.amount.words + " but is " + amount);
        }
        if (!kind.about.fits.test(new Subject(node, signal, alert))) {
            throw new IllegalArgumentException(kind + " needs " + kind.about.words);
        }
        if (kind == Kind.IGNORE_DIRECTION && direction.isEmpty()) {
            throw new IllegalArgumentException("IGNORE_DIRECTION needs a direction");
        }
    }

    /** A rule with the id that its content gives it. */
    public static FeedbackRule of(
            Kind kind,
            String node,
            String signal,
            String direction,
            double amount,
            long fromMillis,
            long untilMillis,
            String alert,
            String author,
            String reason,
            String backTestDigest) {
        Map<String, Object> content = new TreeMap<>();
        content.put("kind", kind);
        content.put("node", node);
        content.put("signal", signal);
        content.put("direction", direction);
        content.put("amount", amount);
        content.put("fromMillis", fromMillis);
        content.put("untilMillis", untilMillis);
        content.put("alert", alert);
        content.put("author", author);
        content.put("reason", reason);
        content.put("backTestDigest", backTestDigest);
        return new FeedbackRule(
                "rule-" + EventCodec.digest(content).substring(0, 16),
                kind,
                node,
                signal,
                direction,
                amount,
                fromMillis,
                untilMillis,
                alert,
                author,
                reason,
                backTestDigest);
    }

    /** True when the id is the one that the content gives. */
    public boolean genuine() {
        return id.equals(of(
                        kind,
                        node,
                        signal,
                        direction,
                        amount,
                        fromMillis,
                        untilMillis,
                        alert,
                        author,
                        reason,
                        backTestDigest)
                .id());
    }

    /** True for maintenance that is longer than {@link #MAX_MAINTENANCE_MILLIS}: the topic does not take it. */
    public boolean tooLong() {
        return kind == Kind.MAINTENANCE && untilMillis - fromMillis > MAX_MAINTENANCE_MILLIS;
    }

    boolean holdsAt(long millis) {
        return fromMillis <= millis && millis < untilMillis;
    }

    boolean isAbout(String otherNode) {
        return node.isEmpty() || node.equals(otherNode);
    }

    private static void text(String value, String name) {
        if (value.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    name + " must have at most " + MAX_TEXT + " characters but has " + value.length());
        }
    }
}

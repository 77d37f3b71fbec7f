package io.homeostat.approvals.web;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.events.Decision;
import io.homeostat.events.Direction;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.Suspicion;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How values are shown to people: amounts, times, digests, and each event in one line. Stateless. */
final class Words {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter FULL =
            DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm:ss 'UTC'", Locale.ENGLISH);

    private Words() {}

    /** {@code 2,500,000.00} for 250000000 minor units with two decimals. */
    static String amount(LedgerCase.Transfer transfer) {
        return String.format(
                Locale.ROOT,
                "%,." + transfer.exponent() + "f",
                BigDecimal.valueOf(transfer.amount(), transfer.exponent()));
    }

    static String number(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return "0";
        }
        BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(4, RoundingMode.HALF_UP));
        BigDecimal plain = rounded.stripTrailingZeros();
        return plain.scale() < 0
                ? String.format(Locale.ROOT, "%,d", plain.toBigInteger())
                : String.format(Locale.ROOT, "%,." + plain.scale() + "f", plain);
    }

    static String measured(double value, String unit) {
        boolean bare = unit.isEmpty() || unit.equals("1");
        return bare
                ? number(value)
                : number(value) + " " + unit.replace("{", "").replace("}", "");
    }

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    }

    static String clock(Instant at) {
        return CLOCK.format(at.atOffset(ZoneOffset.UTC));
    }

    static String full(Instant at) {
        return FULL.format(at.atOffset(ZoneOffset.UTC));
    }

    /** {@code 1 h 05 min}, {@code 4 min 09 s}, {@code 12 s}. */
    static String span(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds >= 86_400) {
            return seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
        }
        if (seconds >= 3600) {
            return String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds % 3600 / 60);
        }
        if (seconds >= 60) {
            return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
        }
        return seconds + " s";
    }

    static String millis(long millis) {
        if (millis < 0) {
            return "–";
        }
        if (millis < 1000) {
            return millis + " ms";
        }
        return millis < 60_000
                ? String.format(Locale.ROOT, "%.1f s", millis / 1000.0)
                : span(Duration.ofMillis(millis));
    }

    static String shortDigest(String digest) {
        return digest.length() > 16 ? digest.substring(0, 8) + "…" + digest.substring(digest.length() - 4) : digest;
    }

    static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String decision(Decision decision) {
        return switch (decision) {
            case APPROVE -> "approved";
            case DENY -> "denied";
            case EXPIRED -> "expired";
        };
    }

    static String direction(Direction direction) {
        return switch (direction) {
            case ABOVE -> "above expected";
            case BELOW -> "below expected";
            case ABSENT -> "absent";
        };
    }

    /** The event's name for people. */
    static String title(IncidentEvent event) {
        String spaced = event.kind().replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
        return spaced.substring(0, 1).toUpperCase(Locale.ROOT) + spaced.substring(1);
    }

    /** What the event says, in one line; the caller escapes it. */
    static String detail(IncidentEvent event) {
        if (event instanceof IncidentEvent.AnomalyRaised e) {
            return e.signal() + " " + direction(e.direction()) + ": " + measured(e.observed(), e.unit()) + ", expected "
                    + measured(e.expected(), e.unit());
        }
        if (event instanceof IncidentEvent.IncidentOpened e) {
            return words(e.cause()) + ", " + words(e.severity()) + ", "
                    + e.anomalyIds().size() + (e.anomalyIds().size() == 1 ? " anomaly" : " anomalies")
                    + (e.origins().isEmpty()
                            ? ""
                            : ", began at " + suspicion(e.origins().get(0)));
        }
        if (event instanceof IncidentEvent.BreakerOpened e) {
            return words(e.from()) + " to " + words(e.to()) + (e.reason().isEmpty() ? "" : ": " + e.reason());
        }
        if (event instanceof IncidentEvent.RecoveryPlanned e) {
            return e.plan().actions().size() + (e.plan().actions().size() == 1 ? " step" : " steps") + ", autonomy "
                    + words(e.plan().autonomy());
        }
        if (event instanceof IncidentEvent.ExplanationWritten e) {
            return "by " + e.writer() + (e.inconclusive() ? ", inconclusive" : "")
                    + (e.struckOut().isEmpty() ? "" : ", " + e.struckOut().size() + " struck out");
        }
        if (event instanceof IncidentEvent.ApprovalRequested e) {
            return e.summary();
        }
        if (event instanceof IncidentEvent.ApprovalDecided e) {
            return decision(e.decision()) + " with " + e.approvals().size()
                    + (e.approvals().size() == 1 ? " signature" : " signatures") + ", ledger #" + e.ledgerIndex();
        }
        if (event instanceof IncidentEvent.ActionStarted e) {
            return words(e.action());
        }
        if (event instanceof IncidentEvent.ActionFinished e) {
            return words(e.action()) + " " + words(e.outcome()) + " after " + millis(e.durationMillis())
                    + (e.detail().isEmpty() ? "" : ": " + e.detail());
        }
        if (event instanceof IncidentEvent.AnomalyCleared e) {
            return words(e.cause());
        }
        if (event instanceof IncidentEvent.RecoveryVerified e) {
            return "digest equal on " + String.join(", ", e.agreeing()) + "; " + e.quietWindows() + " quiet windows";
        }
        if (event instanceof IncidentEvent.BreakerClosed e) {
            return "from " + words(e.from());
        }
        if (event instanceof IncidentEvent.IncidentEscalated e) {
            return e.reason();
        }
        if (event instanceof IncidentEvent.IncidentClosed e) {
            return e.outcome() + ", recovered in " + millis(e.recoverMillis());
        }
        if (event instanceof IncidentEvent.DetectionChanged e) {
            return e.change().toLowerCase(Locale.ROOT).replace('_', ' ')
                    + (e.about().isEmpty() ? "" : ", " + e.about()) + " by " + e.author()
                    + (e.reason().isEmpty() ? "" : ": " + e.reason());
        }
        throw new IllegalStateException("no words for " + event.kind());
    }

    /** A suspected origin with its share. */
    static String suspicion(Suspicion suspect) {
        return suspect.node() + " (" + Math.round(100 * suspect.share()) + " %)";
    }

    /** The tone of an event's mark on a timeline. */
    static String tone(IncidentEvent event) {
        if (event instanceof IncidentEvent.AnomalyRaised || event instanceof IncidentEvent.IncidentEscalated) {
            return "bad";
        }
        if (event instanceof IncidentEvent.ActionFinished e) {
            return switch (e.outcome()) {
                case SUCCEEDED -> "good";
                case RUNNING -> "plain";
                case FAILED, REFUSED -> "bad";
            };
        }
        if (event instanceof IncidentEvent.ApprovalDecided e) {
            return e.decision() == Decision.APPROVE ? "good" : "bad";
        }
        if (event instanceof IncidentEvent.ApprovalRequested || event instanceof IncidentEvent.BreakerOpened) {
            return "wait";
        }
        if (event instanceof IncidentEvent.RecoveryVerified
                || event instanceof IncidentEvent.BreakerClosed
                || event instanceof IncidentEvent.AnomalyCleared
                || event instanceof IncidentEvent.IncidentClosed) {
            return "good";
        }
        return "plain";
    }
}

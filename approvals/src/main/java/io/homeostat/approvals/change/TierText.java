package io.homeostat.approvals.change;

import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.merkle.bundle.Demand;
import io.homeostat.merkle.bundle.PolicyTier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A tier in lines that people read, each about one thing, so that two tiers are compared line by line. Stateless. */
final class TierText {
    private static final List<String> CLASSES = List.of("any", "customer", "settlement", "external", "fee", "suspense");

    private TierText() {}

    static List<String> lines(PolicyTier tier) {
        List<String> lines = new ArrayList<>();
        lines.add(about(tier));
        if (tier.screenMillis() > 0) {
            lines.add("the detector has " + tier.screenMillis() + " ms for its verdict, people after it");
        }
        lines.add("needs " + demands(tier.demands()));
        lines.add("a case expires after " + span(tier.expirySeconds()));
        lines.add(
                tier.escalationRoles().isEmpty()
                        ? "nobody stands in"
                        : "after " + span(tier.escalateAfterSeconds()) + " a person with role "
                                + String.join(" or ", tier.escalationRoles()) + " may stand in");
        return lines;
    }

    static String demands(List<Demand> demands) {
        return demands.stream().map(d -> d.count() + " " + d.role()).collect(Collectors.joining(" and "));
    }

    /** A tier of {@code GET /v1/policy} in the form of a proposed one. */
    static PolicyTier of(LedgerPolicy.Tier tier) {
        return new PolicyTier(
                tier.name(),
                PolicyTier.Kind.valueOf(tier.kind().toUpperCase(Locale.ROOT)),
                tier.asset(),
                Math.max(0, CLASSES.indexOf(tier.accountClass())),
                tier.fromAmount(),
                tier.expirySeconds(),
                tier.screenMillis(),
                tier.demands().stream()
                        .map(d -> new Demand(d.role(), d.count()))
                        .toList(),
                tier.escalateAfterSeconds(),
                tier.escalationRoles());
    }

    static String span(long seconds) {
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + " d";
        }
        if (seconds % 3600 == 0) {
            return seconds / 3600 + " h";
        }
        return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    private static String about(PolicyTier tier) {
        return switch (tier.kind()) {
            case TRANSFER, SCREENING ->
                (tier.kind() == PolicyTier.Kind.TRANSFER ? "transfers" : "screened transfers") + " of " + tier.asset()
                        + " from " + String.format(Locale.ROOT, "%,d", tier.fromAmount()) + " minor units"
                        + (tier.accountClass() == 0 ? "" : " on accounts of class " + CLASSES.get(tier.accountClass()));
            case RECOVERY -> "recoveries above autonomy";
            case POLICY -> "changes of this policy";
            case KEYS -> "changes of keys and roles";
        };
    }
}

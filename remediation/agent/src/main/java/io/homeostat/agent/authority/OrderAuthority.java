package io.homeostat.agent.authority;

import io.homeostat.agent.authority.ApproverPolicy.ApproverKey;
import io.homeostat.agent.authority.ApproverPolicy.Tier;
import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.Decision;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.bundle.Demand;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Decides whether an order may be carried out, in code of its own: the healer checks too, and so does the ledger when it has
 * a quorum.
 *
 * <p>Kinds at level AUTO need nothing. The others carry the approvers' signatures over {@link ApprovalText} (Ed25519, ES256 or a passkey's assertion), and
 * the plan itself in {@code parameters["plan"]}: its SHA-256 must be the approved digest and it must hold this very action, so
 * that an approval of one plan is worth nothing for another. The rules are those of {@code docs/encoding.md}: distinct persons,
 * each fills the first unfilled demand that the person has a role for, one valid deny decides; once the case has escalated,
 * as the order proves, a person with an escalation role fills the first that is left ({@link StandIn}). Thread-safe.
 */
public final class OrderAuthority {
    /** Clocks of approvers' case and sidecar may differ by so much. */
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);
    /** More signatures than any policy demands; the rest would only cost time. */
    private static final int MAX_APPROVALS = 64;

    private final Set<ActionKind> approvalRequired;
    private final Supplier<Optional<ApproverPolicy>> policyNow;

    public OrderAuthority(Set<ActionKind> approvalRequired, LedgerGate gate) {
        this(approvalRequired, gate::current);
    }

    OrderAuthority(Set<ActionKind> approvalRequired, Supplier<Optional<ApproverPolicy>> policyNow) {
        this.approvalRequired = Set.copyOf(approvalRequired);
        this.policyNow = policyNow;
    }

    /** Why the order is refused, or empty when it may be carried out. */
    public Optional<String> refusal(ActionOrder order, Instant now) {
        if (!approvalRequired.contains(order.kind())) {
            return Optional.empty();
        }
        Optional<ApproverPolicy> policy = policyNow.get();
        if (policy.isEmpty()) {
            return Optional.of("approval is required and no approver policy is known yet");
        }
        Optional<Tier> tier = policy.get().recoveryTier();
        if (tier.isEmpty() || tier.get().demands().isEmpty()) {
            return Optional.of("approval is required and the policy has no tier for recovery");
        }
        if (order.approvals().size() > MAX_APPROVALS) {
            return Optional.of("expected at most " + MAX_APPROVALS + " approvals but found "
                    + order.approvals().size());
        }
        return planRefusal(order).or(() -> demandsRefusal(order, policy.get(), tier.get(), now));
    }

    private static Optional<String> planRefusal(ActionOrder order) {
        String plan = order.parameters().get("plan");
        if (plan == null) {
            return Optional.of("approval is required: parameters.plan must hold the plan's canonical JSON");
        }
        byte[] bytes = plan.getBytes(StandardCharsets.UTF_8);
        if (!EventCodec.sha256Hex(bytes).equals(order.payloadDigest())) {
            return Optional.of("the digest of parameters.plan is not payloadDigest");
        }
        RecoveryPlan parsed;
        try {
            parsed = EventCodec.read(bytes, RecoveryPlan.class);
        } catch (IllegalArgumentException e) {
            return Optional.of("parameters.plan is not a recovery plan");
        }
        boolean holdsThisAction = parsed.actions().stream()
                .anyMatch(a -> a.actionId().equals(order.actionId())
                        && a.kind() == order.kind()
                        && a.node().equals(order.node()));
        return holdsThisAction
                ? Optional.empty()
                : Optional.of("the approved plan holds no action " + order.actionId() + " of kind " + order.kind()
                        + " for node " + order.node());
    }

    private static Optional<String> demandsRefusal(ActionOrder order, ApproverPolicy policy, Tier tier, Instant now) {
        List<String> unfilled = new ArrayList<>();
        for (Demand demand : tier.demands()) {
            for (int i = 0; i < demand.count(); i++) {
                unfilled.add(demand.role());
            }
        }
        Set<String> persons = new HashSet<>();
        List<String> faults = new ArrayList<>();
        StandIn standIn = StandIn.NOBODY;
        try {
            standIn = StandIn.of(order, tier, policy.genesis());
        } catch (IllegalArgumentException e) {
            // Nobody stands in then; whoever holds a demanded role needs no proof.
            faults.add("parameters.case proves nothing: " + e.getMessage());
        }
        for (SignedApproval approval : order.approvals()) {
            Optional<ApproverKey> key = policy.key(approval.keyId());
            Optional<String> fault =
                    key.isEmpty() ? Optional.of("key is not registered") : fault(order, approval, key.get(), tier, now);
            if (fault.isPresent()) {
                faults.add(approval.keyId() + ": " + fault.get());
            } else if (approval.decision() == Decision.DENY) {
                return Optional.of("denied by " + approval.keyId());
            } else if (!persons.add(key.orElseThrow().person())) {
                faults.add(approval.keyId() + ": this person has approved already");
            } else if (!fill(unfilled, key.orElseThrow().roles(), standIn, micros(now))) {
                faults.add(approval.keyId() + ": holds no role that is still demanded");
            }
        }
        return unfilled.isEmpty()
                ? Optional.empty()
                : Optional.of("missing approval of " + String.join(", ", unfilled)
                        + (faults.isEmpty() ? "" : " (" + String.join("; ", faults) + ")"));
    }

    private static boolean fill(List<String> unfilled, List<String> roles, StandIn standIn, long nowMicros) {
        for (int i = 0; i < unfilled.size(); i++) {
            if (roles.contains(unfilled.get(i))) {
                unfilled.remove(i);
                return true;
            }
        }
        if (!unfilled.isEmpty() && standIn.covers(roles, nowMicros)) {
            unfilled.remove(0);
            return true;
        }
        return false;
    }

    private static long micros(Instant time) {
        return TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + time.getNano() / 1000;
    }

    private static Optional<String> fault(
            ActionOrder order, SignedApproval approval, ApproverKey key, Tier tier, Instant now) {
        if (!approval.payloadDigest().equals(order.payloadDigest())) {
            return Optional.of("signed for another payload");
        }
        long nowMicros = micros(now);
        if (approval.expiresAtMicros() <= nowMicros) {
            return Optional.of("expired");
        }
        long latest = nowMicros + TimeUnit.SECONDS.toMicros(tier.expirySeconds() + CLOCK_SKEW.toSeconds());
        if (approval.expiresAtMicros() > latest) {
            return Optional.of("expires later than the tier allows");
        }
        return verifies(order, approval, key) ? Optional.empty() : Optional.of("signature does not verify");
    }

    private static boolean verifies(ActionOrder order, SignedApproval approval, ApproverKey key) {
        try {
            return new ApprovalText(
                            order.caseId(),
                            Digests.parse(approval.payloadDigest(), "payloadDigest"),
                            approval.decision() == Decision.APPROVE,
                            approval.expiresAtMicros(),
                            Digests.parse(approval.reasonDigest(), "reasonDigest"))
                    .signedBy(key.key(), Base64.getDecoder().decode(approval.signature()));
        } catch (IllegalArgumentException e) {
            // A malformed statement or signature proves nothing; the caller says so.
            return false;
        }
    }
}

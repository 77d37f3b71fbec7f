package io.homeostat.agent.authority;

import io.homeostat.agent.authority.ApproverPolicy.ApproverKey;
import io.homeostat.agent.authority.ApproverPolicy.Tier;
import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Decision;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.RoleQuorum;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Decides whether an order may be carried out, in code of its own: the healer checks too, and so does the ledger when it has
 * a quorum.
 *
 * <p>Kinds at level AUTO need nothing. The others carry the approvers' Ed25519 signatures over {@link ApprovalStatement}, and
 * the plan itself in {@code parameters["plan"]}: its SHA-256 must be the approved digest and it must hold this very action, so
 * that an approval of one plan is worth nothing for another. The rules are those of {@code docs/encoding.md}: distinct persons,
 * each fills the first unfilled demand that the person has a role for, one valid deny decides. Thread-safe.
 */
public final class OrderAuthority {
    /** The prefix of an X.509 SubjectPublicKeyInfo of Ed25519 (RFC 8410); the raw key follows. */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    /** Clocks of approvers' case and sidecar may differ by so much. */
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);
    /** More signatures than any policy demands; the rest would only cost time. */
    private static final int MAX_APPROVALS = 64;

    private final Set<ActionKind> approvalRequired;
    private final PolicyFile policyFile;

    public OrderAuthority(Set<ActionKind> approvalRequired, PolicyFile policyFile) {
        this.approvalRequired = Set.copyOf(approvalRequired);
        this.policyFile = policyFile;
    }

    /** Why the order is refused, or empty when it may be carried out. */
    public Optional<String> refusal(ActionOrder order, Instant now) {
        if (!approvalRequired.contains(order.kind())) {
            return Optional.empty();
        }
        Optional<ApproverPolicy> policy = policyFile.current();
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
        for (RoleQuorum demand : tier.demands()) {
            for (int i = 0; i < demand.count(); i++) {
                unfilled.add(demand.role());
            }
        }
        Set<String> persons = new HashSet<>();
        List<String> faults = new ArrayList<>();
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
            } else if (!fill(unfilled, key.orElseThrow().roles())) {
                faults.add(approval.keyId() + ": holds no role that is still demanded");
            }
        }
        return unfilled.isEmpty()
                ? Optional.empty()
                : Optional.of("missing approval of " + String.join(", ", unfilled)
                        + (faults.isEmpty() ? "" : " (" + String.join("; ", faults) + ")"));
    }

    private static boolean fill(List<String> unfilled, List<String> roles) {
        for (int i = 0; i < unfilled.size(); i++) {
            if (roles.contains(unfilled.get(i))) {
                unfilled.remove(i);
                return true;
            }
        }
        return false;
    }

    private static Optional<String> fault(
            ActionOrder order, SignedApproval approval, ApproverKey key, Tier tier, Instant now) {
        if (!approval.payloadDigest().equals(order.payloadDigest())) {
            return Optional.of("signed for another payload");
        }
        long nowMicros = TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1000;
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
            byte[] text = new ApprovalStatement(
                            order.caseId(),
                            approval.payloadDigest(),
                            approval.decision(),
                            approval.expiresAtMicros(),
                            approval.reasonDigest())
                    .bytes();
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(publicKey(key.publicKey()));
            ed25519.update(text);
            return ed25519.verify(Base64.getDecoder().decode(approval.signature()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // A malformed statement, signature or key point proves nothing; the caller says so.
            return false;
        }
    }

    private static PublicKey publicKey(String rawBase64) throws GeneralSecurityException {
        byte[] raw = Base64.getDecoder().decode(rawBase64);
        byte[] encoded = new byte[ED25519_PREFIX.length + raw.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(raw, 0, encoded, ED25519_PREFIX.length, raw.length);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }
}

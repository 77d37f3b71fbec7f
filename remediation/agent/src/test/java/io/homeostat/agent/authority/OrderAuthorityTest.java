package io.homeostat.agent.authority;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Autonomy;
import io.homeostat.events.Decision;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.merkle.Es256;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerificationKey;
import io.homeostat.merkle.WebAuthn;
import io.homeostat.merkle.bundle.Demand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OrderAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final long NOW_MICROS = TimeUnit.SECONDS.toMicros(NOW.getEpochSecond());
    private static final long SOON = NOW_MICROS + 60_000_000L;
    private static final String CASE = "recovery:plan-1";
    private static final String ORIGIN = "https://approvals.bank.example";
    private static final String REASON = EventCodec.digestOfText("looks right");

    private final KeyPair first = newKey();
    private final KeyPair firstSecondKey = newKey();
    private final KeyPair second = newKey();
    private final KeyPair clerk = newKey();
    private final KeyPair board = newKey();
    private final KeyPair hardware = newP256();
    private final KeyPair passkey = newP256();
    private Optional<ApproverPolicy> policy = Optional.of(policy());
    private final OrderAuthority authority = new OrderAuthority(Set.of(ActionKind.RESYNC), () -> policy);

    @Test
    void a_kind_at_level_auto_needs_no_signature() {
        assertThat(authority.refusal(order(ActionKind.RESTART, plan(ActionKind.RESTART), List.of()), NOW))
                .isEmpty();
    }

    @Test
    void two_persons_of_the_demanded_roles_are_enough() {
        assertThat(refusal(sign("risk-1", first, SOON), sign("ops-1", second, SOON)))
                .isEmpty();
        assertThat(refusal(sign("ops-1", second, SOON), sign("risk-1", first, SOON)))
                .isEmpty();
    }

    @Test
    void one_of_two_is_not_enough() {
        assertThat(refusal(sign("risk-1", first, SOON))).get().asString().contains("missing approval of operator");
        assertThat(refusal()).get().asString().contains("missing approval of risk, operator");
    }

    @Test
    void the_same_person_with_another_key_does_not_count_twice() {
        assertThat(refusal(sign("risk-1", first, SOON), sign("risk-2", firstSecondKey, SOON)))
                .get()
                .asString()
                .contains("missing approval of operator", "this person has approved already");
    }

    @Test
    void a_role_that_is_not_demanded_does_not_count() {
        assertThat(refusal(sign("risk-1", first, SOON), sign("clerk-1", clerk, SOON)))
                .get()
                .asString()
                .contains("holds no role that is still demanded");
    }

    @Test
    void a_signature_of_another_key_is_forged() {
        assertThat(refusal(sign("risk-1", first, SOON), sign("ops-1", first, SOON)))
                .get()
                .asString()
                .contains("ops-1: signature does not verify");
    }

    @Test
    void an_unknown_key_does_not_count() {
        assertThat(refusal(sign("risk-1", first, SOON), sign("stranger", newKey(), SOON)))
                .get()
                .asString()
                .contains("stranger: key is not registered");
    }

    @Test
    void a_signature_over_another_case_or_reason_does_not_verify() {
        SignedApproval otherCase = signed("ops-1", second, "recovery:plan-2", planDigest(), Decision.APPROVE, SOON);
        SignedApproval good = sign("ops-1", second, SOON);
        SignedApproval otherReason = new SignedApproval(
                good.keyId(),
                good.decision(),
                good.payloadDigest(),
                good.expiresAtMicros(),
                good.signature(),
                EventCodec.digestOfText("other words"));

        assertThat(refusal(sign("risk-1", first, SOON), otherCase)).isPresent();
        assertThat(refusal(sign("risk-1", first, SOON), otherReason)).isPresent();
    }

    @Test
    void an_approval_of_another_payload_does_not_count() {
        SignedApproval other =
                signed("ops-1", second, CASE, EventCodec.digestOfText("another plan"), Decision.APPROVE, SOON);

        assertThat(refusal(sign("risk-1", first, SOON), other)).get().asString().contains("signed for another payload");
    }

    @Test
    void expiry_is_exact_on_both_sides() {
        long tierLatest = NOW_MICROS + TimeUnit.SECONDS.toMicros(3600 + 60);

        assertThat(refusal(sign("risk-1", first, SOON), sign("ops-1", second, NOW_MICROS)))
                .get()
                .asString()
                .contains("expired");
        assertThat(refusal(sign("risk-1", first, SOON), sign("ops-1", second, NOW_MICROS + 1)))
                .isEmpty();
        assertThat(refusal(sign("risk-1", first, SOON), sign("ops-1", second, tierLatest)))
                .isEmpty();
        assertThat(refusal(sign("risk-1", first, SOON), sign("ops-1", second, tierLatest + 1)))
                .get()
                .asString()
                .contains("expires later");
    }

    @Test
    void one_valid_deny_decides_and_a_forged_deny_does_not() {
        SignedApproval deny = signed("clerk-1", clerk, CASE, planDigest(), Decision.DENY, SOON);
        SignedApproval forged = signed("clerk-1", newKey(), CASE, planDigest(), Decision.DENY, SOON);

        assertThat(refusal(sign("risk-1", first, SOON), deny, sign("ops-1", second, SOON)))
                .contains("denied by clerk-1");
        assertThat(refusal(sign("risk-1", first, SOON), forged, sign("ops-1", second, SOON)))
                .isEmpty();
    }

    @Test
    void the_order_must_be_an_action_of_the_approved_plan() {
        List<SignedApproval> both = List.of(sign("risk-1", first, SOON), sign("ops-1", second, SOON));
        ActionOrder good = order(ActionKind.RESYNC, plan(ActionKind.RESYNC), both);
        ActionOrder otherAction = new ActionOrder(
                "a-2",
                good.incidentId(),
                good.kind(),
                good.node(),
                good.caseId(),
                good.payloadDigest(),
                both,
                good.parameters());
        ActionOrder otherNode = new ActionOrder(
                good.actionId(),
                good.incidentId(),
                good.kind(),
                "n2",
                good.caseId(),
                good.payloadDigest(),
                both,
                good.parameters());
        ActionOrder changedPlan = new ActionOrder(
                good.actionId(),
                good.incidentId(),
                good.kind(),
                good.node(),
                good.caseId(),
                good.payloadDigest(),
                both,
                Map.of("plan", good.parameters().get("plan") + " "));
        ActionOrder noPlan = new ActionOrder(
                good.actionId(),
                good.incidentId(),
                good.kind(),
                good.node(),
                good.caseId(),
                good.payloadDigest(),
                both,
                Map.of());

        assertThat(authority.refusal(good, NOW)).isEmpty();
        assertThat(authority.refusal(otherAction, NOW)).get().asString().contains("holds no action a-2");
        assertThat(authority.refusal(otherNode, NOW)).get().asString().contains("for node n2");
        assertThat(authority.refusal(changedPlan, NOW)).get().asString().contains("is not payloadDigest");
        assertThat(authority.refusal(noPlan, NOW)).get().asString().contains("parameters.plan");
    }

    @Test
    void without_a_policy_nothing_is_allowed_that_needs_approval() {
        policy = Optional.empty();

        assertThat(refusal(sign("risk-1", first, SOON), sign("ops-1", second, SOON)))
                .get()
                .asString()
                .contains("no approver policy is known");
    }

    @Test
    void the_policy_of_the_moment_decides_a_revoked_key_counts_no_more_and_a_new_one_does() {
        SignedApproval[] both = {sign("risk-1", first, SOON), sign("ops-1", second, SOON)};
        assertThat(refusal(both)).isEmpty();

        ApproverPolicy before = policy();
        policy = Optional.of(new ApproverPolicy(
                before.keys().stream()
                        .filter(key -> !key.keyId().equals("ops-1"))
                        .toList(),
                before.tiers(),
                before.genesis()));

        assertThat(refusal(both)).get().asString().contains("key is not registered");
        assertThat(refusal(sign("risk-1", first, SOON), es256("hsm-1", hardware)))
                .isEmpty();
    }

    @Test
    void es256_counts_and_with_another_key_it_does_not() {
        assertThat(refusal(sign("risk-1", first, SOON), es256("hsm-1", hardware)))
                .isEmpty();
        assertThat(refusal(sign("risk-1", first, SOON), es256("hsm-1", passkey)))
                .get()
                .asString()
                .contains("signature does not verify");
    }

    @Test
    void a_passkeys_assertion_counts_on_its_page_by_a_verified_user_and_not_else() {
        SignedApproval risk = sign("risk-1", first, SOON);

        assertThat(refusal(risk, passkey(ORIGIN, 5, planDigest()))).isEmpty();
        assertThat(refusal(risk, passkey("https://evil.example", 5, planDigest())))
                .isPresent();
        assertThat(refusal(risk, passkey(ORIGIN, 1, planDigest()))).isPresent();
        assertThat(refusal(risk, passkey(ORIGIN, 5, EventCodec.digestOfText("another plan"))))
                .isPresent();
    }

    @Test
    void once_the_case_has_escalated_a_person_with_an_escalation_role_stands_in() {
        SignedApproval[] both = {sign("risk-1", first, SOON), sign("board-1", board, SOON)};
        OpenedCase escalated = new OpenedCase(CASE, planDigest(), NOW_MICROS - 600_000_000L, NOW_MICROS);

        assertThat(refusal(escalated.proof(), both)).isEmpty();
        assertThat(refusal(both)).get().asString().contains("holds no role that is still demanded");
        assertThat(refusal(escalated.escalating(NOW_MICROS + 1).proof(), both)).isPresent();
        assertThat(refusal(escalated.escalating(0).proof(), both)).isPresent();
    }

    @Test
    void one_person_stands_in_once_and_nobody_stands_in_by_a_role_that_policy_and_case_do_not_both_name() {
        OpenedCase escalated = new OpenedCase(CASE, planDigest(), NOW_MICROS - 600_000_000L, NOW_MICROS);

        assertThat(refusal(escalated.proof(), sign("board-1", board, SOON), sign("board-2", board, SOON)))
                .get()
                .asString()
                .contains("this person has approved already");
        assertThat(refusal(escalated.of("clerk").proof(), sign("risk-1", first, SOON), sign("clerk-1", clerk, SOON)))
                .isPresent();
        assertThat(refusal(escalated.of("clerk").proof(), sign("risk-1", first, SOON), sign("board-1", board, SOON)))
                .isPresent();
    }

    @Test
    void a_case_that_escalates_sooner_than_the_policy_allows_escalates_when_the_policy_allows() {
        SignedApproval[] both = {sign("risk-1", first, SOON), sign("board-1", board, SOON)};

        assertThat(refusal(new OpenedCase(CASE, planDigest(), NOW_MICROS - 599_999_999L, 1).proof(), both))
                .isPresent();
        assertThat(refusal(new OpenedCase(CASE, planDigest(), NOW_MICROS - 600_000_000L, 1).proof(), both))
                .isEmpty();
    }

    @Test
    void a_proof_of_another_case_or_by_nobody_lets_nobody_stand_in_and_takes_nothing_from_the_others() {
        SignedApproval[] both = {sign("risk-1", first, SOON), sign("board-1", board, SOON)};
        OpenedCase escalated = new OpenedCase(CASE, planDigest(), NOW_MICROS - 600_000_000L, NOW_MICROS);

        assertThat(refusal(
                        new OpenedCase("recovery:plan-2", planDigest(), NOW_MICROS - 600_000_000L, NOW_MICROS).proof(),
                        both))
                .get()
                .asString()
                .contains("it is about case recovery:plan-2");
        assertThat(refusal(
                        new OpenedCase(CASE, EventCodec.digestOfText("x"), NOW_MICROS - 600_000_000L, NOW_MICROS)
                                .proof(),
                        both))
                .isPresent();
        assertThat(refusal(escalated.signedByNobody().proof(), both))
                .get()
                .asString()
                .contains("no node of ledger 'bank' signed its head");
        for (String bad : List.of("", "[]", "{", "{\"leaf\":\"AAAA\"}", "null", "x".repeat(200_000))) {
            assertThat(refusal(bad, both)).as(bad).isPresent();
            assertThat(refusal(bad, sign("risk-1", first, SOON), sign("ops-1", second, SOON)))
                    .as(bad)
                    .isEmpty();
        }
    }

    private Optional<String> refusal(String proof, SignedApproval... approvals) {
        ActionOrder order = order(ActionKind.RESYNC, plan(ActionKind.RESYNC), Arrays.asList(approvals));
        return authority.refusal(
                new ActionOrder(
                        order.actionId(),
                        order.incidentId(),
                        order.kind(),
                        order.node(),
                        order.caseId(),
                        order.payloadDigest(),
                        order.approvals(),
                        Map.of("plan", order.parameters().get("plan"), "case", proof)),
                NOW);
    }

    private static SignedApproval es256(String keyId, KeyPair key) {
        byte[] text = new ApprovalStatement(CASE, planDigest(), Decision.APPROVE, SOON, REASON).bytes();
        return approval(keyId, Es256.sign(key.getPrivate(), text));
    }

    /** @param payload that the challenge is about; the approval itself always names the plan */
    private SignedApproval passkey(String origin, int flags, String payload) {
        byte[] text = new ApprovalStatement(CASE, payload, Decision.APPROVE, SOON, REASON).bytes();
        byte[] client = ("{\"type\":\"webauthn.get\",\"challenge\":\""
                        + Base64.getUrlEncoder().withoutPadding().encodeToString(WebAuthn.challenge(text))
                        + "\",\"origin\":\"" + origin + "\",\"crossOrigin\":false}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] data = ByteBuffer.allocate(37)
                .put(MerkleTree.sha256("bank.example".getBytes(StandardCharsets.UTF_8)))
                .put((byte) flags)
                .putInt(0)
                .array();
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(passkey.getPrivate());
            signature.update(data);
            signature.update(MerkleTree.sha256(client));
            return approval("pass-1", new WebAuthn.Assertion(data, client, signature.sign()).bytes());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static SignedApproval approval(String keyId, byte[] signature) {
        return new SignedApproval(
                keyId, Decision.APPROVE, planDigest(), SOON, Base64.getEncoder().encodeToString(signature), REASON);
    }

    private Optional<String> refusal(SignedApproval... approvals) {
        return authority.refusal(order(ActionKind.RESYNC, plan(ActionKind.RESYNC), Arrays.asList(approvals)), NOW);
    }

    private static ActionOrder order(ActionKind kind, String plan, List<SignedApproval> approvals) {
        return new ActionOrder(
                "a-1", "inc-1", kind, "n1", CASE, EventCodec.digestOfText(plan), approvals, Map.of("plan", plan));
    }

    private static String plan(ActionKind kind) {
        RecoveryAction action = new RecoveryAction("a-1", kind, "n1", "quorum", "answers", "none", Map.of());
        RecoveryPlan plan = new RecoveryPlan("plan-1", "n1", Autonomy.APPROVE, List.of(action), List.of());
        return new String(EventCodec.canonicalJson(plan), StandardCharsets.UTF_8);
    }

    private static String planDigest() {
        return EventCodec.digestOfText(plan(ActionKind.RESYNC));
    }

    private static SignedApproval sign(String keyId, KeyPair key, long expiresAtMicros) {
        return signed(keyId, key, CASE, planDigest(), Decision.APPROVE, expiresAtMicros);
    }

    private static SignedApproval signed(
            String keyId, KeyPair key, String caseId, String payloadDigest, Decision decision, long expiresAtMicros) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key.getPrivate());
            signature.update(new ApprovalStatement(caseId, payloadDigest, decision, expiresAtMicros, REASON).bytes());
            String base64 = Base64.getEncoder().encodeToString(signature.sign());
            return new SignedApproval(keyId, decision, payloadDigest, expiresAtMicros, base64, REASON);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private ApproverPolicy policy() {
        return new ApproverPolicy(
                List.of(
                        key("risk-1", "p1", "risk", ed25519(first)),
                        key("risk-2", "p1", "operator", ed25519(firstSecondKey)),
                        key("ops-1", "p2", "operator", ed25519(second)),
                        key("clerk-1", "p3", "clerk", ed25519(clerk)),
                        key("board-1", "p6", "board", ed25519(board)),
                        key("board-2", "p6", "board", ed25519(board)),
                        key("hsm-1", "p4", "operator", p256(VerificationKey.Algorithm.ES256, hardware, "", "")),
                        key(
                                "pass-1",
                                "p5",
                                "operator",
                                p256(VerificationKey.Algorithm.WEBAUTHN, passkey, "bank.example", ORIGIN))),
                List.of(
                        new ApproverPolicy.Tier("small", 3600, List.of(new Demand("clerk", 1)), 0, List.of()),
                        new ApproverPolicy.Tier(
                                "recovery",
                                3600,
                                List.of(new Demand("risk", 1), new Demand("operator", 1)),
                                600,
                                List.of("board"))),
                OpenedCase.GENESIS);
    }

    private static ApproverPolicy.ApproverKey key(String keyId, String person, String role, VerificationKey key) {
        return new ApproverPolicy.ApproverKey(keyId, person, List.of(role), key);
    }

    private static VerificationKey ed25519(KeyPair pair) {
        byte[] encoded = pair.getPublic().getEncoded();
        return VerificationKey.ed25519(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    }

    private static VerificationKey p256(VerificationKey.Algorithm algorithm, KeyPair pair, String rpId, String origin) {
        return new VerificationKey(
                algorithm, Es256.uncompressed(((ECPublicKey) pair.getPublic()).getW()), rpId, origin);
    }

    private static KeyPair newP256() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}

package io.homeostat.agent.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Autonomy;
import io.homeostat.events.Decision;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OrderAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final long NOW_MICROS = TimeUnit.SECONDS.toMicros(NOW.getEpochSecond());
    private static final long SOON = NOW_MICROS + 60_000_000L;
    private static final String CASE = "recovery:plan-1";
    private static final String REASON = EventCodec.digestOfText("looks right");

    @TempDir
    Path folder;

    private final KeyPair first = newKey();
    private final KeyPair firstSecondKey = newKey();
    private final KeyPair second = newKey();
    private final KeyPair clerk = newKey();
    private PolicyFile policyFile;
    private OrderAuthority authority;

    @BeforeEach
    void keepPolicy() {
        policyFile = new PolicyFile(folder.resolve("approver-policy.json"));
        policyFile.offer(policy());
        authority = new OrderAuthority(Set.of(ActionKind.RESYNC), policyFile);
    }

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
        OrderAuthority fresh =
                new OrderAuthority(Set.of(ActionKind.RESYNC), new PolicyFile(folder.resolve("other.json")));

        assertThat(fresh.refusal(
                        order(
                                ActionKind.RESYNC,
                                plan(ActionKind.RESYNC),
                                List.of(sign("risk-1", first, SOON), sign("ops-1", second, SOON))),
                        NOW))
                .get()
                .asString()
                .contains("no approver policy is known");
    }

    @Test
    void a_node_that_later_shows_another_policy_does_not_change_the_kept_one() {
        String attacker = new String(policy(), StandardCharsets.UTF_8).replace("\"count\":1", "\"count\":0");
        policyFile.offer(attacker.getBytes(StandardCharsets.UTF_8));
        policyFile.offer(new String(policy(), StandardCharsets.UTF_8)
                .replace("operator", "teller")
                .getBytes(StandardCharsets.UTF_8));
        policyFile.offer("no json".getBytes(StandardCharsets.UTF_8));

        assertThat(refusal(sign("risk-1", first, SOON))).get().asString().contains("missing approval of operator");
        OrderAuthority restarted =
                new OrderAuthority(Set.of(ActionKind.RESYNC), new PolicyFile(folder.resolve("approver-policy.json")));
        assertThat(restarted.refusal(
                        order(
                                ActionKind.RESYNC,
                                plan(ActionKind.RESYNC),
                                List.of(sign("risk-1", first, SOON), sign("ops-1", second, SOON))),
                        NOW))
                .isEmpty();
    }

    @Test
    void a_damaged_policy_file_stops_the_start_with_a_reason() throws IOException {
        Path damaged = Files.writeString(folder.resolve("damaged.json"), "{\"keys\":");

        assertThatThrownBy(() -> new PolicyFile(damaged))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("genesis.json");
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

    private byte[] policy() {
        String json = "{\"ledger\":\"demo\",\"nodes\":[{\"id\":\"n1\"}],\"keys\":["
                + key("risk-1", "p1", "risk", first) + ","
                + key("risk-2", "p1", "operator", firstSecondKey) + ","
                + key("ops-1", "p2", "operator", second) + ","
                + key("clerk-1", "p3", "clerk", clerk) + "],"
                + "\"tiers\":[{\"name\":\"big\",\"kind\":\"transfer\",\"asset\":\"EUR\",\"fromAmount\":100,"
                + "\"expirySeconds\":60,\"demands\":[{\"role\":\"risk\",\"count\":9}]},"
                + "{\"name\":\"recovery\",\"kind\":\"recovery\",\"asset\":\"\",\"fromAmount\":0,\"expirySeconds\":3600,"
                + "\"demands\":[{\"role\":\"risk\",\"count\":1},{\"role\":\"operator\",\"count\":1}]}]}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String key(String keyId, String person, String role, KeyPair pair) {
        byte[] encoded = pair.getPublic().getEncoded();
        byte[] raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
        return "{\"keyId\":\"" + keyId + "\",\"person\":\"" + person + "\",\"roles\":[\"" + role
                + "\"],\"publicKey\":\"" + Base64.getEncoder().encodeToString(raw) + "\"}";
    }

    private static KeyPair newKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}

package io.homeostat.deploy.demo;

import io.homeostat.deploy.approve.Approver;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.DemoPersons;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Secrets;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Decision;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Tries to get a held transfer released without its approvals, straight at the ledger's API, so that neither UI nor workflow
 * stands in between. Each attempt must be refused for its own reason, and the transfer must still be held after it.
 */
final class BypassAttempts {
    private final ClusterDirectory cluster;
    private final UUID transfer;
    private final HeldCase held;
    private final Consumer<String> say;
    private int tried;
    private int refused;

    BypassAttempts(ClusterDirectory cluster, UUID transfer, HeldCase held, Consumer<String> say) {
        this.cluster = cluster;
        this.transfer = transfer;
        this.held = held;
        this.say = say;
    }

    /** What of the case has to be signed. */
    record HeldCase(String caseId, String payloadDigest, long expiresAtMicros) {}

    int tried() {
        return tried;
    }

    int refused() {
        return refused;
    }

    void beforeAnybodySigned() throws IOException {
        attempt(
                "rita posts her own held transfer",
                "gated",
                ledger(Principal.RITA).post("/v1/transfers/" + transfer + "/post", Map.of()));
        attempt(
                "rita approves it with her own key",
                "approver_is_requester",
                approve(approver(DemoPersons.RITA), held.payloadDigest()));
        attempt(
                "a signature in olga's name by another key",
                "signature_invalid",
                approve(new Approver(DemoPersons.OLGA.id(), Secrets.ed25519().getPrivate()), held.payloadDigest()));
        attempt(
                "olga's signature over another payload",
                "payload_differs",
                approve(approver(DemoPersons.OLGA), EventCodec.digestOfText("the same transfer, one cent more")));
    }

    void afterOneSigned(DemoPersons.Person person) throws IOException {
        attempt(
                person.id() + " approves a second time",
                "person_has_decided",
                approve(approver(person), held.payloadDigest()));
        attempt(
                "rita posts it with one of two approvals",
                "gated",
                ledger(Principal.RITA).post("/v1/transfers/" + transfer + "/post", Map.of()));
    }

    private void attempt(String what, String expectedReason, Rest.Answer answer) throws IOException {
        tried++;
        String status = ledger(Principal.RITA)
                .get("/v1/transfers/" + transfer)
                .orFail()
                .json()
                .path("status")
                .asText();
        boolean held403 = answer.status() == 403 && status.equals("held");
        boolean rightReason = answer.reason().equals(expectedReason);
        if (held403 && rightReason) {
            refused++;
        }
        say.accept((held403 ? "refused   " : "NOT REFUSED ") + what + ": " + answer.status() + " " + answer.reason()
                + (rightReason ? "" : " (expected " + expectedReason + ")"));
    }

    private Rest.Answer approve(Approver approver, String payloadDigest) throws IOException {
        ApprovalStatement statement =
                Approver.statement(held.caseId(), payloadDigest, Decision.APPROVE, held.expiresAtMicros(), "please");
        SignedApproval signed = approver.sign(statement);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("keyId", signed.keyId());
        body.put("decision", signed.decision().wireName());
        body.put("payloadDigest", signed.payloadDigest());
        body.put("expiresAtMicros", signed.expiresAtMicros());
        body.put("reasonDigest", signed.reasonDigest());
        body.put("signature", signed.signature());
        return ledger(Principal.OPERATOR).post("/v1/cases/" + held.caseId() + "/approvals", body);
    }

    private Approver approver(DemoPersons.Person person) {
        return new Approver(person.id(), Secrets.readPem(cluster.approverKeyFile(person.id())));
    }

    private AnyNode ledger(Principal principal) {
        return AnyNode.of(cluster.http(), cluster.topology().urls(), cluster.token(principal));
    }
}

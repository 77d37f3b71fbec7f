package io.homeostat.deploy.approve;

import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Decision;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;

/** Somebody who holds an Ed25519 key, and the id under which the ledger knows it. */
public record Approver(String keyId, PrivateKey key) {
    /** What will be signed for a decision, before anything is signed. */
    public static ApprovalStatement statement(
            String caseId, String payloadDigest, Decision decision, long expiresAtMicros, String reason) {
        return new ApprovalStatement(caseId, payloadDigest, decision, expiresAtMicros, EventCodec.digestOfText(reason));
    }

    public SignedApproval sign(ApprovalStatement statement) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(statement.bytes());
            return new SignedApproval(
                    keyId,
                    statement.decision(),
                    statement.payloadDigest(),
                    statement.expiresAtMicros(),
                    Base64.getEncoder().encodeToString(signer.sign()),
                    statement.reasonDigest());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key '" + keyId + "' can not sign with Ed25519", e);
        }
    }

    /** A record with a private key prints none of it. */
    @Override
    public String toString() {
        return "Approver[" + keyId + "]";
    }
}

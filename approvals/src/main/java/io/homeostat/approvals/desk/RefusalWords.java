package io.homeostat.approvals.desk;

import java.util.Map;

/** The ledger's reasons for refusing a signature, said to the person who signed: what happened and what to do. */
public final class RefusalWords {
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("case_not_found", "The ledger knows no such case. Go back to the inbox."),
            Map.entry("case_not_open", "The case was decided in the meantime. Your signature was not counted."),
            Map.entry("case_expired", "The case has expired. The funds were freed; the requester can ask again."),
            Map.entry(
                    "payload_differs",
                    "What you signed is not what the ledger holds. Nothing was approved: read the case again."),
            Map.entry("statement_expired", "Your signature's expiry has passed. Sign again."),
            Map.entry(
                    "statement_outlives_case", "Your signature would outlive the case. Read the case again and sign."),
            Map.entry("key_unknown", "This key is not registered in the ledger's policy."),
            Map.entry(
                    "signature_invalid", "The signature does not verify with the registered key. Check the key file."),
            Map.entry(
                    "approver_is_requester",
                    "You asked for this yourself. Somebody else has to decide: nobody approves their own request."),
            Map.entry(
                    "approver_is_subject", "This case is about your own key or roles. Somebody else has to decide it."),
            Map.entry("key_not_active", "This key was replaced or revoked and signs no more. Use your newer key."),
            Map.entry(
                    "sign_count_went_back",
                    "Your passkey counted backwards: it may have been copied. Do not use it again; tell the operators."),
            Map.entry("key_exists", "This key is registered already. A key is registered once and for all."),
            Map.entry("too_many_changes", "Too many changes wait for approval. Decide some of them first."),
            Map.entry("person_has_decided", "You have decided this case already. One person counts once."),
            Map.entry("role_not_demanded", "None of your roles is still needed for this case."));

    private RefusalWords() {}

    public static String of(String reason, String detail) {
        return WORDS.getOrDefault(reason, detail.isBlank() ? "The ledger refused the decision." : detail);
    }
}

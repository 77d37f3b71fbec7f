package io.homeostat.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that open a case of policy or keys. */
final class ProposalOptions {
    @Mixin
    private LedgerAccess ledger = new LedgerAccess();

    @Option(
            names = "--case",
            paramLabel = "NAME",
            description = "name of the case behind 'policy:' or 'keys:', used once (default: from what changes)")
    private String name = "";

    LedgerAccess ledger() {
        return ledger;
    }

    /** Opens the case of a change and says who must decide it; 1 when the ledger refused. */
    int propose(String route, String kind, String usualName, Map<String, Object> change) throws IOException {
        change.put("caseId", kind + ":" + (name.isEmpty() ? usualName : name));
        Rest.Answer answer = ledger.any().post(route, change);
        if (!answer.accepted()) {
            System.err.println("homeostat: refused: " + answer.reason() + " ("
                    + answer.json().path("detail").asText("status " + answer.status()) + ")");
            return 1;
        }
        JsonNode opened = answer.json().path("case");
        String caseId = opened.path("caseId").asText();
        String state = opened.path("state").asText();
        if (!state.equals("open")) {
            System.err.println("homeostat: " + caseId + " asked for this before and is " + state
                    + "; ask again under another name with --case");
            return 1;
        }
        if (ledger.json()) {
            LedgerAccess.print(opened);
            return 0;
        }
        System.out.println("opened " + caseId + "; nothing changes before it is approved");
        System.out.println("  payload " + opened.path("payloadDigest").asText());
        for (JsonNode demand : opened.path("demands")) {
            System.out.println("  needs " + demand.path("count").asInt() + " of "
                    + demand.path("role").asText());
        }
        System.out.println(
                "read and sign it in the web UI, or: ./homeostat approve --case " + caseId + " --key FILE ...");
        return 0;
    }
}

package io.homeostat.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.approvals.change.GateChange;
import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.deploy.approve.ApprovalsWeb;
import io.homeostat.deploy.approve.Approver;
import io.homeostat.deploy.certs.CertificateFolder;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Secrets;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Decision;
import io.homeostat.transport.MutualTls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A decision on a case, signed where the key is. */
@Command(
        name = "approve",
        description = {
            "Signs a decision on an approval case with a key file and hands it in.",
            "The key never leaves this process; what will be signed is shown first."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat approve --key data/secrets/approvers/olga.pem --token data/secrets/olga.token \\",
            "      --case transfer:6f1c2f3e-... --reason \"invoice 4711 checked\"",
            "  ./homeostat approve --key olga.pem --token olga.token --case recovery:... --deny --reason \"not tonight\""
        })
final class ApproveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** As the web UI: a reason is a sentence, not a document. */
    private static final int MAX_REASON_CHARS = 2000;

    @Option(names = "--key", paramLabel = "FILE", required = true, description = "Ed25519 private key, PKCS#8 PEM")
    private Path key = Path.of("");

    @Option(
            names = "--key-id",
            paramLabel = "ID",
            description = "id of the key in the ledger (default: the file's name without .pem)")
    private String keyId = "";

    @Option(names = "--case", paramLabel = "ID", required = true, description = "for example transfer:6f1c2f3e-...")
    private String caseId = "";

    @Option(names = "--deny", description = "deny instead of approve")
    private boolean deny;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            description = "why; its digest is signed, the text is kept outside the ledger")
    private String reason = "";

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8088",
            description = "web UI of the cluster (${DEFAULT-VALUE})")
    private String url = "";

    @Option(names = "--token", paramLabel = "FILE", required = true, description = "bearer token of the approver")
    private Path token = Path.of("");

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description = "folder with ca.crt, client.crt and client.key, when the web UI speaks TLS")
    private Optional<Path> tls = Optional.empty();

    @Option(names = "--yes", description = "sign without asking")
    private boolean yes;

    @Option(names = "--json", description = "print the case after the decision as JSON")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (reason.isBlank() || reason.length() > MAX_REASON_CHARS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--reason must have 1 to " + MAX_REASON_CHARS + " characters but has " + reason.length());
        }
        Approver approver = new Approver(keyId.isEmpty() ? nameOf(key) : keyId, Secrets.readPem(key));
        Optional<MutualTls> identity =
                tls.map(folder -> MutualTls.open(new CertificateFolder(folder).files(CertificateFolder.CLIENT)));
        ApprovalsWeb web =
                new ApprovalsWeb(MutualTls.client(identity).build(), url, ClusterDirectory.readSecret(token));
        JsonNode held = web.heldCase(caseId);
        ApprovalStatement statement = Approver.statement(
                caseId,
                held.path("payloadDigest").asText(),
                deny ? Decision.DENY : Decision.APPROVE,
                held.path("expiresAtMicros").asLong(),
                reason);
        show(held, approver, statement);
        if (!yes && !confirmed()) {
            System.err.println("homeostat: nothing was signed");
            return 1;
        }
        Rest.Answer answer = web.decide(caseId, approver.sign(statement), reason);
        if (!answer.accepted()) {
            System.err.println("homeostat: refused: " + answer.reason() + " ("
                    + answer.json().path("detail").asText("status " + answer.status()) + ")");
            return 1;
        }
        JsonNode after = web.heldCase(caseId);
        System.out.println(
                json
                        ? Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(after)
                        : caseId + " is " + after.path("state").asText());
        return 0;
    }

    private static String nameOf(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".pem") ? name.substring(0, name.length() - 4) : name;
    }

    /** On standard error, so that {@code --json} stays one object on standard output. */
    private void show(JsonNode held, Approver approver, ApprovalStatement statement) throws IOException {
        JsonNode transfer = held.path("transfer");
        if (transfer.isObject()) {
            BigDecimal amount = BigDecimal.valueOf(
                    transfer.path("amount").asLong(), transfer.path("exponent").asInt());
            System.err.printf(
                    Locale.ROOT,
                    "transfer of %s %s from %s to %s, asked for by %s%n",
                    amount.toPlainString(),
                    plain(transfer.path("asset").asText()),
                    plain(transfer.path("debit").asText()),
                    plain(transfer.path("credit").asText()),
                    plain(held.path("requester").asText()));
        }
        Optional<GateChange> change = GateChange.of(LedgerAccess.as(held, LedgerCase.class));
        if (change.isPresent()) {
            LedgerAccess.print(change.get(), System.err);
            System.err.println(
                    change.get().digestHolds()
                            ? "the payload digest was recomputed from this change and is equal"
                            : "THE PAYLOAD DIGEST IS NOT THAT OF THIS CHANGE: do not sign");
        }
        System.err.println("key '" + approver.keyId() + "' will sign exactly this text:");
        new String(statement.bytes(), StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> System.err.println("  | " + line));
        System.err.println("reason: " + reason);
    }

    private static boolean confirmed() throws IOException {
        System.err.print("sign? [yes/no] ");
        System.err.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String answer = in.readLine();
        return answer != null
                && (answer.strip().equalsIgnoreCase("yes") || answer.strip().equalsIgnoreCase("y"));
    }

    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}

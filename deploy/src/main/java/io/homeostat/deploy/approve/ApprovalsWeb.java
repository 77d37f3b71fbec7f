package io.homeostat.deploy.approve;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.events.SignedApproval;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The API of approvals for one caller. Thread-safe. */
public final class ApprovalsWeb {
    /** The trail is anchored every few seconds; a bundle of some hundred thousand transfers is written in seconds. */
    private static final Duration BUNDLE_WITHIN = Duration.ofSeconds(60);

    private final Rest rest;

    /** @param client with the authority that the web UI's certificate is of, when it speaks TLS */
    public ApprovalsWeb(HttpClient client, String url, String token) {
        this.rest = Rest.of(client, url, token);
    }

    /** The case as the ledger holds it. */
    public JsonNode heldCase(String caseId) throws IOException {
        JsonNode found = rest.get("/api/cases/" + caseId).orFail().json();
        return found.has("case") ? found.path("case") : found;
    }

    /** Takes a bundle away into a file; waits for the trail to be anchored, but not for ever. */
    public void bundle(String storyId, Path file) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + BUNDLE_WITHIN.toNanos();
        Rest.Answer answer = rest.within(BUNDLE_WITHIN).get("/api/bundles/" + storyId);
        while (answer.status() == 503 && System.nanoTime() < deadline) {
            var unused = new CountDownLatch(1).await(500, TimeUnit.MILLISECONDS);
            answer = rest.within(BUNDLE_WITHIN).get("/api/bundles/" + storyId);
        }
        Files.write(file, answer.orFail().body());
    }

    /** Forwards a decision that was signed here, with the reason in words. */
    public Rest.Answer decide(String caseId, SignedApproval signed, String reason) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("keyId", signed.keyId());
        body.put("decision", signed.decision().wireName());
        body.put("reason", reason);
        body.put("payloadDigest", signed.payloadDigest());
        body.put("expiresAtMicros", signed.expiresAtMicros());
        body.put("signature", signed.signature());
        return rest.post("/api/cases/" + caseId + "/decisions", body);
    }
}

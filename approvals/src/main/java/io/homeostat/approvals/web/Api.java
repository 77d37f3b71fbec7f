package io.homeostat.approvals.web;

import io.homeostat.approvals.desk.DecisionOutcome;
import io.homeostat.approvals.desk.RefusalWords;
import io.homeostat.approvals.desk.SignedDecision;
import io.homeostat.approvals.inbox.Inbox;
import io.homeostat.approvals.inbox.Incident;
import io.homeostat.approvals.ledger.LedgerAnswer;
import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.approvals.passkey.PasskeyRegistration;
import io.homeostat.merkle.MerkleTree;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON API beside the pages, one method per route. Thread-safe. */
final class Api {
    private static final int TRAIL_PAGE = 100;

    private final Desk desk;
    private final TryLimiter decisions;
    private final WebLimits limits;

    Api(Desk desk, InstantSource clock, WebLimits limits) {
        this.desk = desk;
        this.decisions = new TryLimiter(clock, Duration.ofMinutes(1), limits.signInTracked());
        this.limits = limits;
    }

    Reply inbox(Call call) {
        return Reply.json(200, ApiJson.inbox(desk.inbox().read()));
    }

    Reply oneCase(Call call) {
        String caseId = call.path("caseId");
        Inbox.Item item = desk.inbox()
                .find(caseId)
                .orElseThrow(() -> Problem.notFound("The ledger knows no case " + caseId + "."));
        return Reply.json(200, ApiJson.oneCase(item, desk.trail().story(item.storyId())));
    }

    Reply incidents(Call call) {
        return Reply.json(200, ApiJson.incidents(desk.incidents().newest()));
    }

    Reply incident(Call call) {
        String id = call.path("incidentId");
        Incident incident = desk.incidents()
                .find(id)
                .orElseThrow(() -> Problem.notFound("The trail knows no incident " + id + "."));
        return Reply.json(200, ApiJson.incident(incident));
    }

    Reply trail(Call call) {
        long from = Pages.number(call.query("from"), 0, "from");
        long limit = Pages.number(call.query("limit"), TRAIL_PAGE, "limit");
        return Reply.json(200, ApiJson.trail(desk.trail(), desk.trail().page(from, (int) Math.min(limit, 1000))));
    }

    Reply bundle(Call call) {
        return BundleReply.of(desk.bundles(), Pages.storyOf(call, desk));
    }

    /** Takes a signature; never a key. Whether it counts is the ledger's word. */
    Reply decide(Call call) {
        Caller caller = call.who();
        long wait = decisions.tryOnce(caller.name(), limits.decisionsPerMinute());
        if (wait > 0) {
            throw new Problem(429, "too-many-decisions", "Too many decisions", "Wait " + wait + " seconds.", "", wait);
        }
        SignedDecision decision = ApiJson.decision(call.body());
        requireOwnKey(caller, decision.keyId());
        DecisionOutcome outcome = desk.approvals().forward(call.path("caseId"), decision);
        if (outcome instanceof DecisionOutcome.Recorded recorded) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("index", recorded.index());
            json.put("case", recorded.held());
            return Reply.json(200, ApiJson.write(json));
        }
        if (outcome instanceof DecisionOutcome.Incomplete incomplete) {
            throw Problem.badField(incomplete.field(), incomplete.detail());
        }
        DecisionOutcome.Refused refused = (DecisionOutcome.Refused) outcome;
        throw new Problem(
                refused.status(),
                "refused-" + refused.reason().replace('_', '-'),
                "The ledger refused the decision",
                refused.words());
    }

    /** Takes a new passkey's public key and asks the ledger to register it; others must approve that. */
    Reply registerKey(Call call) {
        Caller caller = call.who();
        Sessions.Session session = caller.session();
        PasskeyMessage message = ApiJson.passkey(call.body());
        if (session == null || caller.person().isEmpty()) {
            throw Problem.badField(
                    "session", "A passkey is registered by a person at a browser; programs use: homeostat keys add");
        }
        long wait = decisions.tryOnce(caller.name(), limits.decisionsPerMinute());
        if (wait > 0) {
            throw new Problem(429, "too-many-decisions", "Too many tries", "Wait " + wait + " seconds.", "", wait);
        }
        if (desk.board().snapshot().policy().keysOf(caller.person()).isEmpty()) {
            throw Problem.badField(
                    "person",
                    "The ledger knows no key of " + caller.person()
                            + " yet: an operator proposes the first one with: homeostat keys add");
        }
        PasskeyRegistration registration;
        try {
            registration = PasskeyRegistration.of(
                    caller.person(),
                    challenge(session),
                    call.origin(),
                    message.clientDataJson(),
                    message.authenticatorData());
        } catch (IllegalArgumentException e) {
            throw Problem.badField("passkey", "The passkey was not taken: " + e.getMessage() + ".");
        }
        LedgerAnswer<LedgerCase> answer =
                desk.approvals().proposeKey(registration.keyId(), caller.person(), registration.key());
        if (answer instanceof LedgerAnswer.Refused<LedgerCase> refused) {
            throw new Problem(
                    refused.status(),
                    "refused-" + refused.reason().replace('_', '-'),
                    "The ledger refused the registration",
                    RefusalWords.of(refused.reason(), refused.detail()));
        }
        LedgerAnswer.Accepted<LedgerCase> accepted = (LedgerAnswer.Accepted<LedgerCase>) answer;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("keyId", registration.keyId());
        json.put("caseId", accepted.value().caseId());
        return Reply.json(200, ApiJson.write(json));
    }

    /** What a passkey made in this session signs; nobody else knows the session's token. */
    static byte[] challenge(Sessions.Session session) {
        String text = "homeostat passkey v1\n" + session.csrfToken() + "\n";
        return MerkleTree.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A person at a browser hands in own signatures only. Programs are trusted to forward; the signature names the person. */
    private void requireOwnKey(Caller caller, String keyId) {
        LedgerPolicy policy = desk.board().snapshot().policy();
        boolean foreign = policy.key(keyId)
                .filter(key -> !key.person().equals(caller.person()))
                .isPresent();
        if (!caller.person().isEmpty() && foreign) {
            throw new Problem(
                    403, "not-your-key", "Not your key", "Key " + keyId + " is registered for somebody else.");
        }
    }
}

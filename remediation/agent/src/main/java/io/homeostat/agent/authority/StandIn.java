package io.homeostat.agent.authority;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.events.ActionOrder;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.bundle.CaseKind;
import io.homeostat.merkle.bundle.CaseProof;
import io.homeostat.merkle.bundle.Genesis;
import io.homeostat.merkle.bundle.Leaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Who may stand in for a demanded role, and from when: later in a case's life persons with an escalation role do (ADR
 * 0014). When the case was opened only the ledger knows, so the order carries its proof, {@code parameters["case"]}: the
 * answer of {@code GET /v1/cases/ID/proof}. Without one nobody stands in. Immutable.
 *
 * @param fromMicros ledger time, {@link Long#MAX_VALUE} for never
 */
record StandIn(List<String> roles, long fromMicros) {
    static final StandIn NOBODY = new StandIn(List.of(), Long.MAX_VALUE);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MICROS_PER_SECOND = 1_000_000L;
    /** A path of a journal with 2^63 leaves. */
    private static final int MOST_HASHES = 64;

    private static final int MOST_CHARACTERS = 128 << 10;

    StandIn {
        roles = List.copyOf(roles);
    }

    boolean covers(List<String> held, long nowMicros) {
        return nowMicros >= fromMicros && roles.stream().anyMatch(held::contains);
    }

    /** @throws IllegalArgumentException saying why the proof of the case does not hold */
    static StandIn of(ActionOrder order, ApproverPolicy.Tier tier, Genesis genesis) {
        String text = order.parameters().get("case");
        if (text == null || tier.escalationRoles().isEmpty()) {
            return NOBODY;
        }
        Leaf.CaseOpened opened = read(text).openedIn(genesis);
        boolean sameCase = opened.kind() == CaseKind.RECOVERY
                && opened.caseId().equals(order.caseId())
                && Arrays.equals(
                        opened.payloadDigest().toArray(), Digests.parse(order.payloadDigest(), "payloadDigest"));
        if (!sameCase) {
            throw new IllegalArgumentException("it is about case " + opened.caseId() + ", not about this order's");
        }
        if (opened.escalatesMicros() == 0) {
            return NOBODY;
        }
        // The policy may have changed since, or a node may have signed what the ledger would not have opened: the later
        // time and only the roles of both count.
        List<String> both = tier.escalationRoles().stream()
                .filter(opened.escalationRoles()::contains)
                .toList();
        return new StandIn(
                both,
                Math.max(
                        opened.escalatesMicros(),
                        opened.timeMicros() + tier.escalateAfterSeconds() * MICROS_PER_SECOND));
    }

    private static CaseProof read(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "it has at most " + MOST_CHARACTERS + " characters but has " + text.length());
        }
        try {
            JsonNode json = JSON.readTree(text);
            if (!json.path("leaf").isTextual()
                    || !json.path("sequence").isIntegralNumber()
                    || !json.path("checkpoint").isTextual()
                    || json.path("hashes").size() > MOST_HASHES) {
                throw new IllegalArgumentException("expected leaf, sequence, checkpoint and at most " + MOST_HASHES
                        + " hashes, as GET /v1/cases/ID/proof answers");
            }
            List<byte[]> hashes = new ArrayList<>();
            for (JsonNode hash : json.path("hashes")) {
                hashes.add(hash.binaryValue());
            }
            return new CaseProof(
                    Base64.getDecoder().decode(json.path("leaf").textValue()),
                    json.path("sequence").longValue(),
                    hashes,
                    SignedNote.parse(json.path("checkpoint").textValue().getBytes(StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is no JSON", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("a hash of it is not base64", e);
        }
    }
}

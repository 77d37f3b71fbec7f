package io.homeostat.approvals.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.events.RoleQuorum;
import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Ed25519;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GateChangeTest {
    private static final byte[] PUBLIC = Ed25519.generate().publicKey();
    private static final LedgerPolicy NOW = new LedgerPolicy(
            List.of(new LedgerPolicy.Key(
                    "olga",
                    "olga",
                    List.of("operations"),
                    Base64.getEncoder().encodeToString(PUBLIC),
                    null,
                    null,
                    null)),
            List.of(
                    new LedgerPolicy.Tier(
                            "high", "transfer", "EUR", "any", 1_000_000, 3600, 0, demands("operations", 2), 0, null),
                    new LedgerPolicy.Tier("old", "recovery", "", null, 0, 900, 0, demands("operations", 1), 0, null)),
            7);

    @Test
    void a_policy_that_asks_for_less_says_so_and_names_what_goes_away() {
        GateChange change = policy(7, tier("high", 2_000_000, 7200, 1)).orElseThrow();

        assertThat(change.digestHolds()).isTrue();
        assertThat(change.title()).isEqualTo("Policy version 7 becomes 8");
        assertThat(change.words())
                .extracting(GateChange.Sentence::text)
                .containsExactly(
                        "Tier high: from 2,000,000 instead of from 1,000,000 minor units of EUR.",
                        "Tier high: needs 1 operations instead of 2 operations.",
                        "Tier high: a case expires after 2 h instead of 1 h.",
                        "Tier old goes away: nothing falls in it any more.");
        assertThat(change.words()).allMatch(GateChange.Sentence::asksForLess);
        assertThat(change.diff())
                .contains(
                        new GateChange.Line('-', "needs 2 operations"),
                        new GateChange.Line('+', "needs 1 operations"),
                        new GateChange.Line('=', "nobody stands in"));
    }

    @Test
    void a_policy_that_asks_for_more_is_no_alarm() {
        GateChange change = policy(7, tier("high", 999_999, 1800, 3)).orElseThrow();

        assertThat(change.words().subList(0, 3)).noneMatch(GateChange.Sentence::asksForLess);
    }

    @Test
    void a_policy_for_another_version_is_shown_whole_and_not_compared() {
        GateChange change = policy(6, tier("high", 1_000_000, 3600, 2)).orElseThrow();

        assertThat(change.words().get(0).text()).contains("replaces version 6");
        assertThat(change.diff()).noneMatch(line -> line.mark() == '-' || line.mark() == '+');
    }

    @Test
    void one_changed_byte_of_the_body_breaks_the_digest_and_a_cut_one_is_unreadable() {
        byte[] body = body(tier("high", 2_000_000, 7200, 1));
        byte[] digest = ChangePayload.policyDigest(7, body);
        byte[] other = body(tier("high", 2_000_001, 7200, 1));

        assertThat(GateChange.of(held("policy", 7, other, digest), NOW)
                        .orElseThrow()
                        .digestHolds())
                .isFalse();
        GateChange cut = GateChange.of(held("policy", 7, java.util.Arrays.copyOf(body, 9), digest), NOW)
                .orElseThrow();
        assertThat(cut.digestHolds()).isFalse();
        assertThat(cut.words().get(0).text()).contains("can not be read");
    }

    @Test
    void changes_of_keys_name_the_person_the_roles_and_the_fingerprint() {
        byte[] more = Ed25519.generate().publicKey();
        GateChange added = keys(out -> {
            out.writeByte(1);
            str(out, "olga-2");
            str(out, "olga");
            out.writeByte(1);
            str(out, "compliance");
            out.writeByte(1);
            out.writeInt(more.length);
            out.write(more);
        });
        GateChange revoked = keys(out -> {
            out.writeByte(3);
            str(out, "olga");
        });
        GateChange roles = keys(out -> {
            out.writeByte(4);
            str(out, "olga");
            out.writeByte(1);
            str(out, "compliance");
        });

        assertThat(added.subject()).isEqualTo("olga");
        assertThat(added.words().get(2).text()).contains("gets a role that none of their keys has");
        assertThat(added.diff())
                .contains(new GateChange.Line('+', "fingerprint " + GateChange.fingerprint(more)))
                .contains(new GateChange.Line('=', "olga: operations (Ed25519)"));
        assertThat(revoked.subject()).isEqualTo("olga");
        assertThat(revoked.words().get(0).text()).contains("counts no more");
        assertThat(roles.diff())
                .containsExactly(new GateChange.Line('-', "operations"), new GateChange.Line('+', "compliance"));
        assertThat(List.of(added, revoked, roles)).allMatch(GateChange::digestHolds);
    }

    @Test
    void a_case_of_money_is_no_change() {
        LedgerCase held = held("recovery", 0, new byte[0], new byte[32]);

        assertThat(GateChange.of(
                        new LedgerCase(
                                held.caseId(),
                                held.kind(),
                                held.state(),
                                held.payloadDigest(),
                                held.requester(),
                                1,
                                held.demands(),
                                List.of(),
                                0,
                                0,
                                null,
                                null),
                        NOW))
                .isEmpty();
    }

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private static java.util.Optional<GateChange> policy(long base, Body tier) {
        byte[] body = body(tier);
        return GateChange.of(held("policy", base, body, ChangePayload.policyDigest(base, body)), NOW);
    }

    private static GateChange keys(Body change) {
        byte[] body = bytes(change);
        return GateChange.of(held("keys", 0, body, ChangePayload.keysDigest(body)), NOW)
                .orElseThrow();
    }

    private static LedgerCase held(String kind, long base, byte[] body, byte[] digest) {
        return new LedgerCase(
                kind + ":x",
                LedgerCase.Kind.valueOf(kind.toUpperCase(java.util.Locale.ROOT)),
                LedgerCase.State.OPEN,
                Digests.hex(digest),
                "operator",
                2,
                demands("operations", 1),
                List.of(),
                1,
                1,
                null,
                null,
                new LedgerCase.Change(base, Base64.getEncoder().encodeToString(body)),
                null,
                null);
    }

    /** A policy of one tier, by docs/encoding.md. */
    private static byte[] body(Body tier) {
        return bytes(out -> {
            out.writeShort(1);
            tier.write(out);
        });
    }

    private static Body tier(String name, long from, int expiry, int count) {
        return out -> {
            str(out, name);
            out.writeByte(1);
            str(out, "EUR");
            out.writeByte(0);
            out.writeLong(from);
            out.writeInt(expiry);
            out.writeInt(0);
            out.writeByte(1);
            str(out, "operations");
            out.writeByte(count);
            out.writeInt(0);
            out.writeByte(0);
        };
    }

    private static List<RoleQuorum> demands(String role, int count) {
        return List.of(new RoleQuorum(role, count));
    }

    private static byte[] bytes(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            body.write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void str(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }
}

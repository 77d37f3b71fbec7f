package io.homeostat.ledger.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homeostat.merkle.bundle.LeafMalformed;
import io.homeostat.merkle.bundle.Policy;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;

/**
 * Bodies of the gate, which two programs read: the ledger, and the proof module that shares no code with it. What one takes
 * the other must take, and only in the one form that we would write.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GateFuzzTest {
    @FuzzTest(maxDuration = "30s")
    void a_genesis_is_refused_or_canonical(byte[] body) {
        try {
            assertThat(Genesis.fromBody(body).body()).isEqualTo(body);
        } catch (IllegalArgumentException declared) {
            // That is how it says no.
        }
    }

    @FuzzTest(maxDuration = "30s")
    void a_policy_is_taken_by_ledger_and_verifier_alike(byte[] body) {
        List<Genesis.Tier> ours = null;
        try {
            ours = ApprovalPolicy.tiersOf(body);
        } catch (IllegalArgumentException declared) {
            // That is how it says no.
        }
        if (ours == null) {
            return;
        }
        assertThat(ApprovalPolicy.body(ours)).isEqualTo(body);
        assertThat(Policy.decode(body).tiers())
                .extracting(tier -> tier.name() + tier.fromAmount() + tier.expirySeconds() + tier.screenMillis())
                .containsExactlyElementsOf(ours.stream()
                        .map(t -> t.name() + t.fromAmount() + t.expirySeconds() + t.screenMillis())
                        .toList());
    }

    @FuzzTest(maxDuration = "30s")
    void a_change_of_keys_is_taken_by_ledger_and_verifier_alike(byte[] body) {
        KeyChange ours = change(body);
        if (ours != null) {
            assertThat(ours.body()).isEqualTo(body);
            assertThat(io.homeostat.merkle.bundle.KeyChange.decode(body)).isNotNull();
            return;
        }
        try {
            io.homeostat.merkle.bundle.KeyChange.decode(body);
        } catch (LeafMalformed declared) {
            // Both say no.
        }
    }

    private static @Nullable KeyChange change(byte[] body) {
        try {
            return KeyChange.fromBody(body);
        } catch (IllegalArgumentException declared) {
            return null;
        }
    }

    @FuzzTest(maxDuration = "30s")
    void a_genesis_file_is_refused_or_read(byte[] file) {
        try {
            GateJson.tiers(GateJson.parse(new String(file, java.nio.charset.StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException declared) {
            // That is how it says no.
        }
    }
}

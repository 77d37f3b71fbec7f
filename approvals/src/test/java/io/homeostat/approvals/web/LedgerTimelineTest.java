package io.homeostat.approvals.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.events.Decision;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerTimelineTest {
    @Test
    void a_case_about_policy_or_keys_tells_who_opened_signed_and_decided_it() {
        LedgerCase.Approval signed = new LedgerCase.Approval(
                "olga-1", "olga", "operations", Decision.APPROVE, "a".repeat(64), "AAAA", 0, 41);
        LedgerCase open = of(LedgerCase.State.OPEN, List.of(signed), null);

        assertThat(details(open))
                .containsExactly(
                        "Case opened: by rita, ledger #40",
                        "Approved: by olga as operations with key olga-1, ledger #41");
        assertThat(details(of(LedgerCase.State.SUPERSEDED, List.of(signed), 50L)))
                .last()
                .isEqualTo("Case superseded: ledger #50");
    }

    private static List<String> details(LedgerCase held) {
        return LedgerTimeline.of(held).stream()
                .map(entry -> entry.get("title") + ": " + entry.get("detail"))
                .toList();
    }

    private static LedgerCase of(
            LedgerCase.State state,
            List<LedgerCase.Approval> approvals,
            @org.jspecify.annotations.Nullable Long decided) {
        return new LedgerCase(
                "policy:1",
                LedgerCase.Kind.POLICY,
                state,
                "b".repeat(64),
                "rita",
                2_000_000,
                List.of(),
                approvals,
                1_000_000,
                40,
                decided,
                null);
    }
}

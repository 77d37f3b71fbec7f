package io.homeostat.approvals.web;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.events.Decision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What happened in a case that no stage tells events of: policy and keys change inside the ledger, and the ledger knows when
 * the case was opened, who signed at which index, and what became of it.
 */
final class LedgerTimeline {
    private LedgerTimeline() {}

    static List<Map<String, Object>> of(LedgerCase held) {
        List<Map<String, Object>> entries = new ArrayList<>();
        Instant opened = Words.instant(held.openedAtMicros());
        entries.add(entry(
                "Case opened",
                "by " + held.requester() + ", ledger #" + held.openedIndex(),
                Words.clock(opened),
                Words.full(opened),
                "wait"));
        for (LedgerCase.Approval approval : held.approvals()) {
            String role = approval.role().isEmpty() ? "" : " as " + approval.role();
            boolean approved = approval.decision() == Decision.APPROVE;
            entries.add(entry(
                    approved ? "Approved" : "Denied",
                    "by " + approval.person() + role + " with key " + approval.keyId() + ", ledger #"
                            + approval.index(),
                    "",
                    "",
                    approved ? "good" : "bad"));
        }
        Long decided = held.decidedIndex();
        if (!held.open()) {
            entries.add(entry(
                    "Case " + Words.words(held.state()),
                    decided == null ? "" : "ledger #" + decided,
                    "",
                    "",
                    held.state() == LedgerCase.State.APPROVED ? "good" : "bad"));
        }
        return entries;
    }

    private static Map<String, Object> entry(String title, String detail, String clock, String at, String tone) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("title", title);
        entry.put("detail", detail);
        entry.put("clock", clock);
        entry.put("at", at);
        entry.put("offset", "");
        entry.put("tone", tone);
        entry.put("sequence", "");
        return entry;
    }
}

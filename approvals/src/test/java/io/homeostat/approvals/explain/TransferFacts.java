package io.homeostat.approvals.explain;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.RoleQuorum;
import java.time.Instant;
import java.util.List;

final class TransferFacts {
    private TransferFacts() {}

    static Facts of(long amount) {
        String id = "6f1c2f3e-0000-4000-8000-000000000001";
        List<RoleQuorum> demands = List.of(new RoleQuorum("treasury", 2), new RoleQuorum("risk", 1));
        LedgerCase held = new LedgerCase(
                "transfer:" + id,
                LedgerCase.Kind.TRANSFER,
                LedgerCase.State.OPEN,
                "a".repeat(64),
                "rita",
                1_795_185_600_000_000L,
                demands,
                List.of(),
                1_795_182_000_000_000L,
                7,
                null,
                new LedgerCase.Transfer(id, "cust:acme", "cust:globex", amount, "EUR", 2));
        IncidentEvent.ApprovalRequested requested = new IncidentEvent.ApprovalRequested(
                "approval-requested:" + held.caseId(),
                Instant.EPOCH,
                held.caseId(),
                "",
                held.caseId(),
                held.payloadDigest(),
                "rita",
                "held",
                demands,
                Instant.EPOCH);
        return Facts.ofTransfer(requested, held, "huge");
    }
}

package io.homeostat.ledger.state;

import io.homeostat.ledger.journal.LedgerEvent;

/**
 * When writes are stopped, and what is not stopped then. Reads the state and changes nothing.
 *
 * <p>What goes on is listed, so that a command that is added later is stopped unless somebody decides otherwise: time,
 * attestations, isolation and admission of nodes, anchors, recovery cases and the decisions on them. Holds and cases that
 * pass their time expire, because their end was promised. Decisions on held money wait: the last of them would move it.
 */
final class MaintenanceDecider {
    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final String RECOVERY = "recovery:";

    private MaintenanceDecider() {}

    static boolean stops(LedgerState state, Command command) {
        if (state.maintenance == null) {
            return false;
        }
        if (command instanceof Command.Approve approve) {
            return !approve.caseId().startsWith(RECOVERY);
        }
        return !(command instanceof Command.SetMaintenance
                || command instanceof Command.Begin
                || command instanceof Command.Tick
                || command instanceof Command.Attest
                || command instanceof Command.IsolateNode
                || command instanceof Command.AdmitNode
                || command instanceof Command.AnchorTrail
                || command instanceof Command.OpenRecoveryCase);
    }

    static Decision decide(LedgerState state, Command.SetMaintenance c) {
        if (c.seconds() == 0) {
            return state.maintenance == null
                    ? Decision.reject(Reason.NOT_IN_MAINTENANCE, "open")
                    : Decision.accept("open", new LedgerEvent.MaintenanceSet(c.principal(), c.reason(), 0));
        }
        if (c.seconds() > Maintenance.MAX_SECONDS) {
            return Decision.reject(Reason.MAINTENANCE_OUT_OF_RANGE);
        }
        long until = state.timeMicros + c.seconds() * MICROS_PER_SECOND;
        return Decision.accept("maintenance", new LedgerEvent.MaintenanceSet(c.principal(), c.reason(), until));
    }
}

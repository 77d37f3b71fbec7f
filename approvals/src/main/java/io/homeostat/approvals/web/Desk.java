package io.homeostat.approvals.web;

import io.homeostat.approvals.bundle.BundleExport;
import io.homeostat.approvals.desk.ApprovalDesk;
import io.homeostat.approvals.inbox.Inbox;
import io.homeostat.approvals.inbox.Incidents;
import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.trail.ReasoningTrail;
import java.util.function.BooleanSupplier;

/** What the web door shows and hands over to. {@code ready} is true once the trail and the ledger have been read. */
public record Desk(
        Inbox inbox,
        Incidents incidents,
        LedgerBoard board,
        ReasoningTrail trail,
        ApprovalDesk approvals,
        BundleExport bundles,
        StopButton stopButton,
        BooleanSupplier live,
        BooleanSupplier ready) {}

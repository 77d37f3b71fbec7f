package io.homeostat.approvals;

import io.homeostat.approvals.bundle.BundleExportLimits;
import io.homeostat.approvals.desk.DeskLimits;
import io.homeostat.approvals.explain.ExplainLimits;
import io.homeostat.approvals.inbox.InboxLimits;
import io.homeostat.approvals.ledger.LedgerLimits;
import io.homeostat.approvals.topic.TopicLimits;
import io.homeostat.approvals.trail.TrailLimits;
import io.homeostat.approvals.web.WebLimits;

/** All bounds of the module, each explained in its own record. */
public record ApprovalsLimits(
        LedgerLimits ledger,
        TopicLimits topic,
        TrailLimits trail,
        InboxLimits inbox,
        ExplainLimits explain,
        DeskLimits desk,
        BundleExportLimits bundle,
        WebLimits web) {
    public static ApprovalsLimits defaults() {
        return new ApprovalsLimits(
                LedgerLimits.defaults(),
                TopicLimits.defaults(),
                TrailLimits.defaults(),
                InboxLimits.defaults(),
                ExplainLimits.defaults(),
                DeskLimits.defaults(),
                BundleExportLimits.defaults(),
                WebLimits.defaults());
    }
}

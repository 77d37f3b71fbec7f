package io.homeostat.approvals.inbox;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.events.IncidentEvent;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Joins the ledger's cases with the trail's events. Thread-safe; reads only. */
public final class Inbox {
    private final LedgerBoard board;
    private final Incidents incidents;
    private final ReasoningTrail trail;
    private final InboxLimits limits;

    public Inbox(LedgerBoard board, Incidents incidents, ReasoningTrail trail, InboxLimits limits) {
        this.board = board;
        this.incidents = incidents;
        this.trail = trail;
        this.limits = limits;
    }

    /**
     * One case with what the trail knows of it.
     *
     * @param tier name of the policy's tier, empty when the policy names none
     * @param storyId the incident of a recovery case, else the case id
     * @param node the node of a recovery case, empty for transfers
     * @param decidedAt when the trail recorded the decision, {@code null} while there is none
     */
    public record Item(
            LedgerCase held,
            String tier,
            List<LedgerCase.RoleProgress> progress,
            String storyId,
            String node,
            @Nullable Instant decidedAt) {}

    /**
     * @param readAt when the ledger last answered
     * @param fault why it does not answer now, empty when it does
     */
    public record View(List<Item> open, List<Item> decided, List<Incident> incidents, Instant readAt, String fault) {}

    public View read() {
        LedgerBoard.Snapshot snapshot = board.snapshot();
        List<Item> open = snapshot.cases().stream()
                .filter(LedgerCase::open)
                .sorted(Comparator.comparingLong(LedgerCase::expiresAtMicros))
                .map(c -> item(c, snapshot.policy()))
                .toList();
        List<Item> decided = snapshot.cases().stream()
                .filter(c -> !c.open())
                .limit(limits.decisionsShown())
                .map(c -> item(c, snapshot.policy()))
                .toList();
        return new View(open, decided, incidents.newest(), snapshot.readAt(), snapshot.fault());
    }

    /** One case as the ledger has it now. Blocks. */
    public Optional<Item> find(String caseId) {
        return board.caseNow(caseId).map(c -> item(c, board.snapshot().policy()));
    }

    private Item item(LedgerCase held, LedgerPolicy policy) {
        String storyId = held.caseId();
        String node = "";
        Instant decidedAt = null;
        for (IncidentEvent event : trail.ofCase(held.caseId())) {
            if (event instanceof IncidentEvent.ApprovalRequested requested) {
                storyId = requested.storyId();
                node = requested.node();
            } else if (event instanceof IncidentEvent.ApprovalDecided decided) {
                decidedAt = decided.at();
            }
        }
        return new Item(held, policy.tierOf(held).orElse(""), held.progress(), storyId, node, decidedAt);
    }
}

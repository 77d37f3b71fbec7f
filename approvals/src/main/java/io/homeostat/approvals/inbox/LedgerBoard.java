package io.homeostat.approvals.inbox;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.ledger.LedgerFault;
import io.homeostat.approvals.ledger.LedgerNodes;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.approvals.ledger.NodeStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest answers of the ledger, so that pages cost it nothing and stay readable while it is away. {@link #refresh()} is
 * called every second by one scheduler; everything else reads a snapshot.
 *
 * <p>Thread-safe.
 */
public final class LedgerBoard {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerBoard.class);
    /** The policy changes by approved cases, which are seen at once; a minute is for what is not seen. */
    private static final Duration POLICY_AGE = Duration.ofMinutes(1);

    private final LedgerClient ledger;
    private final InstantSource clock;
    private volatile Snapshot snapshot;
    private volatile Instant policyReadAt = Instant.EPOCH;

    /**
     * @param readAt when cases and nodes were last read; {@link Instant#EPOCH} before the first answer
     * @param fault why the newest reading failed, empty when it did not
     */
    public record Snapshot(
            List<LedgerCase> cases,
            Optional<LedgerNodes> nodes,
            List<NodeStatus> statuses,
            LedgerPolicy policy,
            Instant readAt,
            String fault) {
        public Snapshot {
            cases = List.copyOf(cases);
            statuses = List.copyOf(statuses);
        }

        public boolean everRead() {
            return readAt.isAfter(Instant.EPOCH);
        }
    }

    public LedgerBoard(LedgerClient ledger, InstantSource clock) {
        this.ledger = ledger;
        this.clock = clock;
        this.snapshot =
                new Snapshot(List.of(), Optional.empty(), List.of(), LedgerPolicy.EMPTY, Instant.EPOCH, "not read yet");
    }

    public Snapshot snapshot() {
        return snapshot;
    }

    /** Reads everything anew; a ledger that is away leaves the old answers with the reason. Blocks. */
    public void refresh() {
        Snapshot before = snapshot;
        try {
            List<LedgerCase> cases = ledger.cases("all");
            LedgerPolicy policy = before.policy();
            long changed = newestChange(cases);
            if (changed > newestChange(before.cases()) || clock.instant().isAfter(policyReadAt.plus(POLICY_AGE))) {
                policy = ledger.policy();
                policyReadAt = clock.instant();
            }
            LedgerNodes nodes = ledger.nodes();
            snapshot = new Snapshot(cases, Optional.of(nodes), ledger.statuses(), policy, clock.instant(), "");
            if (!before.fault().isEmpty()) {
                LOG.atInfo().addKeyValue("cases", cases.size()).log("the ledger answers");
            }
        } catch (LedgerFault e) {
            if (before.fault().isEmpty()) {
                LOG.warn("the ledger does not answer: {}", e.getMessage());
            }
            snapshot = new Snapshot(
                    before.cases(),
                    before.nodes(),
                    ledger.statuses(),
                    before.policy(),
                    before.readAt(),
                    String.valueOf(e.getMessage()));
        }
    }

    /** Journal index of the newest decision on policy or keys, -1 when there is none. */
    private static long newestChange(List<LedgerCase> cases) {
        long newest = -1;
        for (LedgerCase held : cases) {
            Long decided = held.decidedIndex();
            if (held.ofChange() && decided != null) {
                newest = Math.max(newest, decided);
            }
        }
        return newest;
    }

    /** One case as the ledger has it now; falls back to the snapshot while the ledger is away. Blocks. */
    public Optional<LedgerCase> caseNow(String caseId) {
        try {
            return ledger.findCase(caseId);
        } catch (LedgerFault e) {
            return snapshot.cases().stream()
                    .filter(c -> c.caseId().equals(caseId))
                    .findFirst();
        }
    }
}

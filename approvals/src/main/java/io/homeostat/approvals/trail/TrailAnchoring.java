package io.homeostat.approvals.trail;

import io.homeostat.approvals.ledger.LedgerAnswer;
import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.ledger.LedgerFault;
import io.homeostat.events.IncidentEvent;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the trail's tree head into the ledger soon after the trail grew. At most one try is scheduled, and it always
 * takes the newest head, so an absent ledger builds up nothing: the pause between tries doubles up to a bound.
 *
 * <p>Thread-safe.
 */
public final class TrailAnchoring implements TrailListener {
    private static final Logger LOG = LoggerFactory.getLogger(TrailAnchoring.class);

    private final ReasoningTrail trail;
    private final LedgerClient ledger;
    private final String origin;
    private final ScheduledExecutorService scheduler;
    private final TrailLimits limits;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile Duration pause;

    public TrailAnchoring(
            ReasoningTrail trail,
            LedgerClient ledger,
            String ledgerName,
            ScheduledExecutorService scheduler,
            TrailLimits limits) {
        this.trail = trail;
        this.ledger = ledger;
        this.origin = ledgerName + "/trail";
        this.scheduler = scheduler;
        this.limits = limits;
        this.pause = limits.anchorDebounce();
    }

    @Override
    public void appended(TrailEntry entry, IncidentEvent event) {
        if (trail.anchoredAt(entry.sequence()).isEmpty()) {
            scheduleOnce(limits.anchorDebounce());
        }
    }

    /**
     * Anchors the head as it is now, unless it is anchored already, and returns the anchored head. Blocks.
     *
     * @throws LedgerFault when the ledger can not be reached or refuses the anchor
     */
    public synchronized AnchoredHead anchorNow() {
        TrailHead head = trail.head();
        var newest = trail.anchors().newest();
        if (head.size() == 0) {
            return new AnchoredHead(head, -1);
        }
        if (newest.isPresent() && newest.get().size() == head.size()) {
            return new AnchoredHead(head, newest.get().ledgerIndex());
        }
        LedgerAnswer<Long> answer = ledger.anchor(origin, head.size(), head.rootHex());
        if (answer instanceof LedgerAnswer.Accepted<Long> accepted) {
            trail.anchors().add(new TrailAnchors.Anchor(head.size(), head.rootHex(), accepted.index()));
            LOG.atInfo()
                    .addKeyValue("trailSize", head.size())
                    .addKeyValue("ledgerIndex", accepted.index())
                    .log("trail anchored in the ledger");
            return new AnchoredHead(head, accepted.index());
        }
        LedgerAnswer.Refused<Long> refused = (LedgerAnswer.Refused<Long>) answer;
        throw new AnchorRefused("expected the ledger to take the head of size " + head.size() + " of " + origin
                + " but it said " + refused.status() + " " + refused.reason() + ": " + refused.detail()
                + "; a smaller head than the ledger's means that this trail was rolled back");
    }

    /** @param ledgerIndex journal index of the anchor, -1 for the empty trail, which needs none */
    public record AnchoredHead(TrailHead head, long ledgerIndex) {}

    /** The ledger said no: more tries will not help, but a person should look. */
    public static final class AnchorRefused extends RuntimeException {
        private static final long serialVersionUID = 1;

        AnchorRefused(String message) {
            super(message);
        }
    }

    private void scheduleOnce(Duration delay) {
        if (!scheduled.compareAndSet(false, true)) {
            return;
        }
        try {
            scheduler.schedule(this::tryOnce, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            scheduled.set(false); // closing: the next start anchors what is missing
        }
    }

    private void tryOnce() {
        scheduled.set(false);
        try {
            anchorNow();
            pause = limits.anchorDebounce();
        } catch (LedgerFault | AnchorRefused | UncheckedIOException e) {
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(limits.anchorRetryMax()) > 0 ? limits.anchorRetryMax() : doubled;
            LOG.atWarn().addKeyValue("retrySeconds", pause.toSeconds()).log("trail not anchored: {}", e.getMessage());
            scheduleOnce(pause);
        }
    }
}

package io.homeostat.healer.workflow;

import io.homeostat.events.BreakerState;
import io.homeostat.events.Cause;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.SignedApproval;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything a recovery remembers between two steps; written as JSON in the transaction of each step.
 *
 * @param events made so far: numbers the event ids, so that a step which runs again makes the same ids
 * @param plans made so far
 * @param waits times that the present step has waited
 * @param recoveryIndex Raft index that was committed when the recovery touched the node
 * @param since when the last action ended, or when the present wait began
 * @param trouble why the incident is to be handed to people, empty when it is not
 */
record RecoveryState(
        String incidentId,
        String node,
        Instant firstAnomalyAt,
        Instant openedAt,
        int events,
        Isolation isolation,
        int plans,
        @Nullable Planned planned,
        Asked asked,
        Doing doing,
        int waits,
        long recoveryIndex,
        @Nullable Instant since,
        boolean stopTold,
        String trouble) {

    /** {@code at} and {@code ledgerIndex} of the first isolation in the ledger; -1 when there was none yet. */
    record Isolation(BreakerState breaker, @Nullable Instant at, long ledgerIndex) {}

    record Planned(RecoveryPlan plan, Cause cause, String digest, boolean restarts) {}

    /**
     * The approval case; all empty when nobody is asked.
     *
     * @param caseProof the ledger's, of a case in which somebody may have stood in
     */
    record Asked(String caseId, @Nullable Instant expiresAt, List<SignedApproval> approvals, String caseProof) {
        static final Asked NOBODY = new Asked("", null, List.of(), "");
    }

    /**
     * The present action.
     *
     * @param step its index in the plan
     * @param startedAt absent before ActionStarted was written
     * @param ordered it was called and is under way
     * @param acted it is done as far as the actor says
     * @param faults calls in a row that nobody answered
     */
    record Doing(
            int step,
            @Nullable Instant startedAt,
            boolean ordered,
            boolean acted,
            int faults,
            String detail,
            long ledgerIndex) {
        static Doing at(int step) {
            return new Doing(step, null, false, false, 0, "", -1);
        }
    }

    static RecoveryState opened(String incidentId, String node, Instant firstAnomalyAt, Instant openedAt) {
        return new RecoveryState(
                incidentId,
                node,
                firstAnomalyAt,
                openedAt,
                0,
                new Isolation(BreakerState.CLOSED, null, -1),
                0,
                null,
                Asked.NOBODY,
                Doing.at(0),
                0,
                0,
                null,
                false,
                "");
    }

    static RecoveryState fromJson(String json) {
        return EventCodec.read(json.getBytes(StandardCharsets.UTF_8), RecoveryState.class);
    }

    String json() {
        return new String(EventCodec.canonicalJson(this), StandardCharsets.UTF_8);
    }

    /** The plan; only steps that come after planning ask for it. */
    RecoveryPlan plan() {
        return requirePlanned().plan();
    }

    Planned requirePlanned() {
        if (planned == null) {
            throw new IllegalStateException("incident " + incidentId + " has no plan at a step that needs one");
        }
        return planned;
    }

    RecoveryAction action() {
        return plan().actions().get(doing.step());
    }

    boolean actionsLeft() {
        return doing.step() < plan().actions().size();
    }

    /** The times of the database and of JSON are micros: cut at once, so that a value is the same before and after. */
    static Instant cut(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS);
    }

    RecoveryState withEvents(int value) {
        return with(copy -> copy.events = value);
    }

    RecoveryState withIsolation(Isolation value) {
        return with(copy -> copy.isolation = value);
    }

    RecoveryState withBreaker(BreakerState value) {
        return withIsolation(new Isolation(value, isolation.at(), isolation.ledgerIndex()));
    }

    /** A new plan starts from its first action and asks anew. */
    RecoveryState withPlan(Planned value) {
        return with(copy -> {
            copy.plans = plans + 1;
            copy.planned = value;
            copy.asked = Asked.NOBODY;
            copy.doing = Doing.at(0);
            copy.waits = 0;
            copy.since = null;
            copy.trouble = "";
        });
    }

    RecoveryState withAsked(Asked value) {
        return with(copy -> copy.asked = value);
    }

    RecoveryState withDoing(Doing value) {
        return with(copy -> copy.doing = value);
    }

    RecoveryState withWaits(int value) {
        return with(copy -> copy.waits = value);
    }

    RecoveryState withRecoveryIndex(long value) {
        return with(copy -> copy.recoveryIndex = value);
    }

    RecoveryState withSince(@Nullable Instant value) {
        return with(copy -> copy.since = value);
    }

    RecoveryState withStopTold(boolean value) {
        return with(copy -> copy.stopTold = value);
    }

    RecoveryState withTrouble(String value) {
        return with(copy -> copy.trouble = value);
    }

    private RecoveryState with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.made();
    }

    /** What of a state changes from step to step, open to one change. */
    private static final class Copy {
        private final RecoveryState of;
        private int events;
        private Isolation isolation;
        private int plans;
        private @Nullable Planned planned;
        private Asked asked;
        private Doing doing;
        private int waits;
        private long recoveryIndex;
        private @Nullable Instant since;
        private boolean stopTold;
        private String trouble;

        Copy(RecoveryState of) {
            this.of = of;
            events = of.events;
            isolation = of.isolation;
            plans = of.plans;
            planned = of.planned;
            asked = of.asked;
            doing = of.doing;
            waits = of.waits;
            recoveryIndex = of.recoveryIndex;
            since = of.since;
            stopTold = of.stopTold;
            trouble = of.trouble;
        }

        RecoveryState made() {
            return new RecoveryState(
                    of.incidentId,
                    of.node,
                    of.firstAnomalyAt,
                    of.openedAt,
                    events,
                    isolation,
                    plans,
                    planned,
                    asked,
                    doing,
                    waits,
                    recoveryIndex,
                    since,
                    stopTold,
                    trouble);
        }
    }
}

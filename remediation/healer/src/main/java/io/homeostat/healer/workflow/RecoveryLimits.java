package io.homeostat.healer.workflow;

import io.homeostat.events.ActionKind;
import java.time.Duration;

/**
 * Bounds of one recovery.
 *
 * @param pollFirst first wait for a report or a postcondition; doubles up to {@code pollMax}
 * @param pollMax so that a long resync costs one look a second and not ten
 * @param retryFirst first wait after a call that nobody answered; doubles up to {@code retryMax}
 * @param retryMax a peer that comes back is asked again soon enough
 * @param tries calls of one action that nobody answered, before the plan is given up
 * @param ledgerAction an action through the ledger, an election included
 * @param fence a process that is asked to end and then killed
 * @param restart a start with replay of the log
 * @param resync a start on empty data; the snapshot comes with ADD_MEMBER
 * @param readmit waiting for an equal digest before READMIT: a snapshot, the lag, and the next attestation
 * @param verify waiting for quiet windows and a new attestation after READMIT
 * @param relapse hard evidence that came during the trial must hold for this long to end it
 * @param observe a soft anomaly that never clears is closed as observed after this
 * @param observePollMax longest wait between two looks at a node that is only observed
 * @param approvalWatch how often the gate is asked about open cases, should the topic have lost a decision
 * @param expiryGrace how long after its expiry a case may still be called open before it counts as expired
 */
public record RecoveryLimits(
        Duration pollFirst,
        Duration pollMax,
        Duration retryFirst,
        Duration retryMax,
        int tries,
        Duration ledgerAction,
        Duration fence,
        Duration restart,
        Duration resync,
        Duration readmit,
        Duration verify,
        Duration relapse,
        Duration observe,
        Duration observePollMax,
        Duration approvalWatch,
        Duration expiryGrace) {
    public RecoveryLimits {
        if (tries < 1) {
            throw new IllegalArgumentException("tries must be at least 1 but is " + tries);
        }
    }

    public static RecoveryLimits defaults() {
        return new RecoveryLimits(
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofMillis(200),
                Duration.ofSeconds(4),
                10,
                Duration.ofSeconds(30),
                Duration.ofSeconds(20),
                Duration.ofSeconds(60),
                Duration.ofSeconds(120),
                Duration.ofSeconds(120),
                Duration.ofSeconds(90),
                Duration.ofSeconds(8),
                Duration.ofMinutes(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10));
    }

    Duration timeFor(ActionKind kind) {
        return switch (kind) {
            case ISOLATE, TRANSFER_LEADERSHIP, REMOVE_MEMBER, ADD_MEMBER -> ledgerAction;
            case FENCE -> fence;
            case RESTART -> restart;
            case RESYNC -> resync;
            case READMIT -> readmit;
        };
    }

    Duration pollAfter(int times) {
        return doubled(pollFirst, pollMax, times);
    }

    Duration retryAfter(int times) {
        return doubled(retryFirst, retryMax, times);
    }

    Duration observeAfter(int times) {
        return doubled(Duration.ofMillis(500), observePollMax, times);
    }

    private static Duration doubled(Duration first, Duration most, int times) {
        long millis = first.toMillis() << Math.min(Math.max(times, 0), 20);
        return millis >= most.toMillis() ? most : Duration.ofMillis(millis);
    }
}

package io.homeostat.agent;

import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of the agent.
 *
 * @param probeInterval between two probes
 * @param probeTimeout an answer that takes longer is a failure; shorter than the interval, so that probes never pile up
 * @param hungAfter a process that answered before and has been silent for so long is hung
 * @param startGrace a new process may take so long for its first answer
 * @param firstBackoff between a crash and the first restart
 * @param maxBackoff longest delay between a crash and a restart
 * @param maxAttempts restarts by reflex within {@code attemptWindow}; then plans decide
 * @param attemptWindow see {@code maxAttempts}
 * @param deadLogProbes answers in a row that say the Raft log is dead before the process is fenced
 * @param termDeadline between SIGTERM and SIGKILL
 * @param killDeadline a process must be gone so long after SIGKILL
 * @param actionDeadline a started node must answer within this for an action to succeed
 * @param keptReports reports that answer a repeated action id
 * @param bodyBytes largest body of a request to the control API
 * @param answerBytes largest answer read from the node
 * @param logBytes size at which the node's log file is rolled
 * @param logFiles rolled files that are kept
 * @param policyInterval between two looks at the ledger's policy and keys: so long may a revoked key still count here
 */
public record AgentLimits(
        Duration probeInterval,
        Duration probeTimeout,
        Duration hungAfter,
        Duration startGrace,
        Duration firstBackoff,
        Duration maxBackoff,
        int maxAttempts,
        Duration attemptWindow,
        int deadLogProbes,
        Duration termDeadline,
        Duration killDeadline,
        Duration actionDeadline,
        int keptReports,
        int bodyBytes,
        int answerBytes,
        long logBytes,
        int logFiles,
        Duration policyInterval) {
    public AgentLimits {
        positive(probeInterval, "probeInterval");
        positive(probeTimeout, "probeTimeout");
        if (probeTimeout.compareTo(probeInterval) >= 0) {
            throw new IllegalArgumentException("probeTimeout must be shorter than probeInterval but is " + probeTimeout
                    + " with probeInterval " + probeInterval);
        }
        positive(hungAfter, "hungAfter");
        positive(startGrace, "startGrace");
        positive(firstBackoff, "firstBackoff");
        if (maxBackoff.compareTo(firstBackoff) < 0) {
            throw new IllegalArgumentException(
                    "maxBackoff must not be shorter than firstBackoff " + firstBackoff + " but is " + maxBackoff);
        }
        atLeastOne(maxAttempts, "maxAttempts");
        positive(attemptWindow, "attemptWindow");
        atLeastOne(deadLogProbes, "deadLogProbes");
        positive(termDeadline, "termDeadline");
        positive(killDeadline, "killDeadline");
        positive(actionDeadline, "actionDeadline");
        atLeastOne(keptReports, "keptReports");
        atLeastOne(bodyBytes, "bodyBytes");
        atLeastOne(answerBytes, "answerBytes");
        atLeastOne(logBytes, "logBytes");
        atLeastOne(logFiles, "logFiles");
        positive(policyInterval, "policyInterval");
    }

    /**
     * The reasons: probes at 500 ms with 400 ms to answer see a silent node within 2 s, longer than a usual garbage
     * collection. 30 s for a start include the replay of a log. The first restart waits 2 s, so that two exports at 1 s
     * tell the detector that the process is gone: a reflex must heal, not hide. Doubling to 30 s and five attempts in ten
     * minutes end a crash loop before it harms the disk. Three answers (1.5 s) let the node's own telemetry tell of its
     * dead log once. 5 s after SIGTERM is the node's own time for a clean stop; SIGKILL takes effect at once unless the disk
     * hangs. 256 reports are days of incidents. 64 KiB holds an order with its plan and signatures. 1 MiB holds any probe
     * and any head. Two times 8 MiB of node log are enough for a night and never fill a disk.
     */
    public static AgentLimits defaults() {
        return new AgentLimits(
                Duration.ofMillis(500),
                Duration.ofMillis(400),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                5,
                Duration.ofMinutes(10),
                3,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                256,
                64 * 1024,
                1024 * 1024,
                8L * 1024 * 1024,
                1,
                Duration.ofSeconds(5));
    }

    private static void positive(Duration value, String field) {
        if (Objects.requireNonNull(value, field).isNegative() || value.isZero()) {
            throw new IllegalArgumentException(field + " must be longer than zero but is " + value);
        }
    }

    private static void atLeastOne(long value, String field) {
        if (value < 1) {
            throw new IllegalArgumentException(field + " must be at least 1 but is " + value);
        }
    }
}

package io.homeostat.approvals.web;

import java.time.Duration;

/**
 * Bounds of the web door.
 *
 * @param maxBodyBytes the largest request body: a reason and a signature need 8 KiB
 * @param maxSessions signed-in sessions; the one that was idle longest makes room
 * @param sessionIdle an unattended screen is signed out
 * @param sessionLife nobody stays signed in for longer than a shift
 * @param signInTriesPerUser failed tries of one user within {@code signInWindow}
 * @param signInTriesPerAddress failed tries of one address within {@code signInWindow}: a whole office behind one proxy
 * @param signInWindow how long failed tries count
 * @param signInTracked users and addresses whose tries are remembered
 * @param decisionsPerMinute decisions of one person within a minute: faster is not reading
 * @param workers threads that render pages and ask the ledger
 */
public record WebLimits(
        int maxBodyBytes,
        int maxSessions,
        Duration sessionIdle,
        Duration sessionLife,
        int signInTriesPerUser,
        int signInTriesPerAddress,
        Duration signInWindow,
        int signInTracked,
        int decisionsPerMinute,
        int workers) {
    public static WebLimits defaults() {
        return new WebLimits(
                64 << 10,
                1000,
                Duration.ofMinutes(30),
                Duration.ofHours(12),
                5,
                30,
                Duration.ofMinutes(5),
                10_000,
                30,
                8);
    }
}

package io.homeostat.agent.reflex;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * Decides the reflex; pure, changes nothing, reads no clock.
 *
 * <p>Only two things are always safe: to start a process again that ended by itself, and to stop one whose Raft log is dead,
 * because it can promise nothing any more. A diverged node must not come back with the state that it has, a fenced one was
 * stopped on purpose, and a hung one may come back by itself: these are left to plans.
 */
public final class ReflexPolicy {
    /** Gates with which a crashed process is not started again without a plan. */
    private static final Set<String> LEFT_TO_PLANS = Set.of("diverged", "fenced");

    private final Duration firstBackoff;
    private final Duration maxBackoff;
    private final int maxAttempts;
    private final Duration attemptWindow;
    private final int deadLogProbes;

    public ReflexPolicy(
            Duration firstBackoff, Duration maxBackoff, int maxAttempts, Duration attemptWindow, int deadLogProbes) {
        this.firstBackoff = firstBackoff;
        this.maxBackoff = maxBackoff;
        this.maxAttempts = maxAttempts;
        this.attemptWindow = attemptWindow;
        this.deadLogProbes = deadLogProbes;
    }

    public Reflex decide(ReflexView view, Instant now) {
        if (view.held() || view.actionRunning()) {
            return Reflex.NONE;
        }
        if (view.processAlive()) {
            return view.deadLogProbes() >= deadLogProbes ? Reflex.FENCE : Reflex.NONE;
        }
        if (LEFT_TO_PLANS.contains(view.gate())) {
            return Reflex.NONE;
        }
        int recent = recentAttempts(view, now);
        if (recent >= maxAttempts) {
            return Reflex.GIVE_UP;
        }
        return now.isBefore(view.endedAt().plus(backoff(recent))) ? Reflex.WAIT : Reflex.RESTART;
    }

    /** Doubles with each attempt in the window, up to the longest. */
    Duration backoff(int attempts) {
        Duration delay = firstBackoff;
        for (int i = 0; i < attempts && delay.compareTo(maxBackoff) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(maxBackoff) < 0 ? delay : maxBackoff;
    }

    private int recentAttempts(ReflexView view, Instant now) {
        Instant from = now.minus(attemptWindow);
        return (int) view.attempts().stream().filter(at -> at.isAfter(from)).count();
    }
}

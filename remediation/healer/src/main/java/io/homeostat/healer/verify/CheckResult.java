package io.homeostat.healer.verify;

import java.util.List;

/** Whether a recovery holds. */
public sealed interface CheckResult {
    /** It does. {@code agreeing} holds the recovered node and at least as many others as make a majority, sorted. */
    record Verified(long raftIndex, String stateDigest, List<String> agreeing, int quietWindows)
            implements CheckResult {
        public Verified {
            agreeing = List.copyOf(agreeing);
        }
    }

    /** Not known yet; ask again. */
    record NotYet(String reason) implements CheckResult {}

    /** It does not, and time will not change that. */
    record Differs(String reason) implements CheckResult {}
}

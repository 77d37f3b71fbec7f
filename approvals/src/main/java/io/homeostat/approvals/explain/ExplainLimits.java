package io.homeostat.approvals.explain;

import java.time.Duration;

/**
 * Bounds of explaining.
 *
 * @param modelTimeout for the whole answer: approvers wait for the evidence first, so words may take a while, not a minute
 * @param failuresToOpen failures in a row after which the model is left alone
 * @param openFor how long it is left alone
 * @param maxSentences in one answer: more is not read at three in the morning
 * @param maxSentenceChars of one sentence
 * @param minSentences that must survive the check; fewer explain nothing
 * @param maxEvidence facts given to the model, so that the prompt stays small
 * @param maxPending stories that wait for words; older ones are explained after a restart
 */
public record ExplainLimits(
        Duration modelTimeout,
        int failuresToOpen,
        Duration openFor,
        int maxSentences,
        int maxSentenceChars,
        int minSentences,
        int maxEvidence,
        int maxPending) {
    public static ExplainLimits defaults() {
        return new ExplainLimits(Duration.ofSeconds(20), 3, Duration.ofMinutes(1), 12, 400, 2, 24, 1000);
    }
}

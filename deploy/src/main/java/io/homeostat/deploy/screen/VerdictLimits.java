package io.homeostat.deploy.screen;

/**
 * Bounds of the relay.
 *
 * @param inFlight verdicts that are on their way to the ledger at once; more wait in the topic
 * @param unanswered verdicts behind the oldest one without an answer: they are read again after a crash
 * @param evidenceBytes of one verdict; the screen writes some 3 kB
 * @param evidenceFiles kept, newest; at 3 kB each, 100,000 are 300 MB
 */
record VerdictLimits(int inFlight, int unanswered, int evidenceBytes, int evidenceFiles) {
    static final VerdictLimits DEFAULT = new VerdictLimits(64, 1024, 1 << 16, 100_000);
}

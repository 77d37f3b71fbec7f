package io.homeostat.detector.origin;

/**
 * A place in the ranking.
 *
 * @param share of all harm that nobody further down explains, 0 to 1
 * @param ownHarm excess of harm times volume that the component's callees do not explain, in the units of the symptom's kind
 * @param explainedHarm excess that they do explain
 * @param significance 0 to 1: how far the difference is beyond what is usual
 * @param onsetWindow the first window since the incident began that differs, -1 when none does
 * @param reason the same as a sentence
 */
public record Suspect(
        String component,
        double share,
        double ownHarm,
        double explainedHarm,
        double significance,
        int onsetWindow,
        String reason) {}

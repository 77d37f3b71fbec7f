package io.homeostat.healer.workflow;

import java.util.Locale;

/** How a step ended: the gateways of {@code recovery.bpmn} choose by it. */
enum Outcome {
    /** Ask again after the delay. */
    WAIT,
    /** The stop button is pressed. */
    STOPPED,
    /** People must decide; {@code trouble} says why. */
    ESCALATE,
    /** The breaker is open, or the isolation waits for approval. */
    OPEN,
    /** Only observed. */
    SHADOW,
    /** The plan may be carried out at once. */
    AUTO,
    /** People are asked first. */
    ASK,
    /** The plan failed; another one may be made. */
    REPLAN,
    /** The case is open and the request is written. */
    ASKED,
    APPROVED,
    /** The gate says that the case is still open. */
    UNDECIDED,
    STARTED,
    /** An action ended well. */
    DONE,
    /** No action is left. */
    VERIFY,
    VERIFIED,
    /** What was observed went away. */
    QUIET,
    /** What was observed became worse. */
    WORSENED,
    CLOSED,
    ESCALATED;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

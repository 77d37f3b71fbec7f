package io.homeostat.detector.evidence;

/** Evidence that is not there or is not what it was: a verdict can neither be confirmed nor refuted by it. */
public final class EvidenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EvidenceException(String message) {
        super(message);
    }

    public EvidenceException(String message, Throwable cause) {
        super(message, cause);
    }
}

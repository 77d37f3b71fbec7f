package io.homeostat.approvals.topic;

/** The broker did not take or give events. Worth a retry. */
public final class TopicFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TopicFault(String message, Throwable cause) {
        super(message, cause);
    }
}

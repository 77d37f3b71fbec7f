package io.homeostat.healer.workflow;

/** The database or the engine failed; always worth another try. */
public final class EngineFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EngineFault(String message, Throwable cause) {
        super(message, cause);
    }
}

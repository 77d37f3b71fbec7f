package io.homeostat.detector.model;

/** A model that may not be used, or a registry that is not what was written. */
public final class RegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RegistryException(String message) {
        super(message);
    }
}

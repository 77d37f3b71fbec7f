package io.homeostat.approvals.bundle;

import org.jspecify.annotations.Nullable;

/** A bundle could not be made now. Worth a retry. */
public final class BundleFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    BundleFault(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

package io.homeostat.ledger.check;

import org.jspecify.annotations.Nullable;

/** A leaf that this version can not count: the check stops there, because everything behind it would be a guess. */
public final class UnknownEvent extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownEvent(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

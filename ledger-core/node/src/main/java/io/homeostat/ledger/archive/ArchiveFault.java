package io.homeostat.ledger.archive;

import org.jspecify.annotations.Nullable;

/** The index of old rows can not be read or written, or is damaged. The node must stop: it can not tell whether an id is new. */
public final class ArchiveFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ArchiveFault(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

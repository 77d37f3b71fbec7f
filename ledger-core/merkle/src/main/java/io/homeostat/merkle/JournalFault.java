package io.homeostat.merkle;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The disk failed under a {@link MerkleLog}. After a fault while writing the log takes no more leaves: close it and open
 * it again, which cuts what was half written.
 */
public class JournalFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JournalFault(String message, @Nullable IOException cause) {
        super(message, cause);
    }
}

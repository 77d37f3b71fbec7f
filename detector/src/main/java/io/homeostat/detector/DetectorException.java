package io.homeostat.detector;

import org.jspecify.annotations.Nullable;

/** The detector could not be started or stopped: Kafka, the disk or Flink failed. Trying again later may help. */
public final class DetectorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DetectorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

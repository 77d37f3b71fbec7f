package io.homeostat.detector.model;

/** Which parts of {@link StreamModel} give the score; all but {@link #BOTH} are for ablations. */
public enum Members {
    /** Geometric mean of forecast error and innovation, column by column. */
    BOTH,
    /** The error of the forecast alone. */
    FORECAST,
    /** The innovation alone. */
    INNOVATION
}

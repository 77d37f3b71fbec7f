package io.homeostat.detector.model;

/**
 * Which parts of {@link StreamModel} give the score; all but {@link #BOTH} are for ablations. Alarms do not depend on it.
 */
public enum Members {
    /** Geometric mean of forecast error and innovation, column by column. */
    BOTH,
    /** The error of the forecast alone. */
    FORECAST,
    /** The innovation alone. */
    INNOVATION,
    /** Mahalanobis distance of the row from its adaptive mean, {@link ShrunkMahalanobisModel}. */
    MAHALANOBIS,
    /** Mahalanobis distance of the residual of the ridge autoregression on the newest rows. */
    VAR,
    /** Squared prediction error of the newest rows as a window, {@link SubspaceModel}. */
    PCA,
    /** Tribuo's one-class SVM (LibSVM) on the row's distance from its adaptive mean. */
    SVM;

    /** Whether a Tribuo model of its own scores the row as a whole. */
    boolean wholeRow() {
        return ordinal() >= MAHALANOBIS.ordinal();
    }
}

package io.homeostat.detector.model;

/**
 * Which parts of {@link StreamModel} give the score; all but {@link #BOTH} are for ablations. Alarms do not depend on it.
 */
public enum Members {
    /** Geometric mean of forecast error and innovation, column by column, with {@link Unrest} and {@link Hold}. */
    BOTH,
    /** The same, restless columns weigh like calm ones. */
    UNWEIGHTED,
    /** The same, a jump leaves nothing behind. */
    UNHELD,
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
    SVM,
    /** Distance to the nearest centroid of Tribuo's K-Means, {@link NearestCentroidModel}. */
    KMEANS;

    /** Whether forecast error and innovation are joined. */
    boolean joined() {
        return ordinal() <= UNHELD.ordinal();
    }

    boolean weighted() {
        return joined() && this != UNWEIGHTED;
    }

    boolean held() {
        return joined() && this != UNHELD;
    }

    /** Whether a Tribuo model of its own scores the row as a whole. */
    boolean wholeRow() {
        return ordinal() >= MAHALANOBIS.ordinal();
    }
}

package io.homeostat.detector.verdict;

import io.homeostat.detector.model.AnomalyModel;

/** A trained model and the mean that it scores against now. */
public record Scoring(AnomalyModel model, double[] center) {}

package io.homeostat.detector.verdict;

import io.homeostat.detector.model.AnomalyModel;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A trained model and the mean that it scores against now. The judge, the shadow and the follower ask of the same windows: the
 * answer is computed once. Used by one thread.
 */
public final class Scoring {
    private final AnomalyModel model;
    private final double[] center;
    private final IdentityHashMap<Map<String, Double>, Boolean> asked = new IdentityHashMap<>();

    /** @param center not changed while this is in use */
    public Scoring(AnomalyModel model, double[] center) {
        this.model = model;
        this.center = center;
    }

    public AnomalyModel model() {
        return model;
    }

    public double[] center() {
        return center;
    }

    /** True when the model's score of these values lies above its threshold. */
    public boolean odd(Map<String, Double> values) {
        return asked.computeIfAbsent(values, v -> model.odd(v, center));
    }
}

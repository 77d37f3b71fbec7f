package io.homeostat.detector.screening;

import java.util.EnumSet;
import java.util.Set;

/**
 * Joins features into one score. Each feature counts by how rare its value is among the transfers of the asset seen before, so
 * that what is common here, whatever it is, says nothing; the score is the root of the sum of squares of these decimal orders.
 * There are no weights and nothing is trained on labels.
 *
 * <p>Not thread-safe.
 */
final class TransferScorer {
    /** Of a feature, in decimal orders: one strange figure alone must not outweigh everything. */
    private static final double MOST_OF_ONE = 5;

    private static final double FORGET_AT = 400_000;
    private static final double[] EDGES = edges();
    private final TransferFeatures features;
    private final ScreeningLimits limits;
    private final Set<Pattern> used;

    TransferScorer(ScreeningLimits limits) {
        this(limits, EnumSet.allOf(Pattern.class));
    }

    /** @param used for ablations: the others count nothing */
    TransferScorer(ScreeningLimits limits, Set<Pattern> used) {
        this.limits = limits;
        this.features = new TransferFeatures(limits);
        this.used = EnumSet.copyOf(used);
    }

    /** Scores before anything of this transfer is learnt. Counts its features among the asset's. */
    Judgement score(Movement m, AccountProfile payer, AccountProfile receiver, AssetState asset) {
        double[] values = new double[Pattern.COUNT];
        double[] surprises = new double[Pattern.COUNT];
        features.read(m, payer, receiver, asset, values);
        double sum = 0;
        for (Pattern pattern : Pattern.values()) {
            int i = pattern.ordinal();
            int bin = bin(values[i]);
            surprises[i] = bin == 0 ? 0 : StrictMath.min(MOST_OF_ONE, rarity(asset, i, bin));
            asset.features[i * AssetState.FEATURE_BINS + bin]++;
            if (used.contains(pattern)) {
                sum += surprises[i] * surprises[i];
            }
        }
        asset.featureCount++;
        if (asset.featureCount > FORGET_AT) {
            TransferFeatures.halve(asset.features);
            asset.featureCount /= 2;
        }
        return new Judgement(StrictMath.sqrt(sum), surprises, values, asset.transfers >= limits.settled());
    }

    void attempted(Movement m, AccountProfile payer, AccountProfile receiver) {
        features.attempted(m, payer, receiver);
    }

    void posted(Movement m, AccountProfile payer, AccountProfile receiver, AssetState asset) {
        features.posted(m, payer, receiver, asset);
    }

    /** Decimal orders of the share of transfers whose feature was at least this large. */
    private static double rarity(AssetState asset, int feature, int bin) {
        double above = 0;
        for (int b = bin; b < AssetState.FEATURE_BINS; b++) {
            above += asset.features[feature * AssetState.FEATURE_BINS + b];
        }
        return -StrictMath.log10((above + 0.5) / (asset.featureCount + 1));
    }

    /** Bins widen with the value: steps of 0.02 near 0, of some 5 at 60. */
    private static int bin(double value) {
        int low = 0;
        int high = AssetState.FEATURE_BINS - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (value >= EDGES[middle]) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private static double[] edges() {
        double[] edges = new double[AssetState.FEATURE_BINS];
        for (int i = 1; i < edges.length; i++) {
            edges[i] = (StrictMath.pow(2, i / 8.0) - 1) / 4;
        }
        return edges;
    }
}

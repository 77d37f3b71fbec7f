package io.homeostat.detector.screening;

/**
 * What is remembered of all transfers of one asset: log amounts, how features are spread, when transfers come, and how the
 * scores of transfers that waited are spread. Fixed size. A plain class with public fields, because it lives in Flink's keyed
 * state. Not thread-safe.
 */
public final class AssetState {
    static final int AMOUNT_BINS = 440;
    static final int FEATURE_BINS = 64;
    static final int SCORE_BINS = 256;

    public long transfers;
    public int accounts;
    public long sweptMicros;
    public double mean;
    public double square;
    public double amountCount;
    public double[] amounts = new double[AMOUNT_BINS];
    public double featureCount;
    public double[] features = new double[Pattern.COUNT * FEATURE_BINS];
    public double novelty;
    public double[] hours = new double[AccountProfile.HOURS];
    public double[] weekdays = new double[AccountProfile.WEEKDAYS];

    /** Of those that a verdict was asked for. */
    public double[] scores = new double[SCORE_BINS];

    public double scoreCount;
    public double askedRate;
    public long askedMicros;
    public long firstAskedMicros;
}

package io.homeostat.detector.screening;

/**
 * What the scorer says of one transfer.
 *
 * @param score 0 or more, higher is odder; about decimal orders of rarity, all patterns joined
 * @param surprises decimal orders of rarity of each feature among the asset's transfers, in the order of {@link Pattern}
 * @param features as measured, in the same order
 * @param settled whether the asset's history is long enough to call anything clear
 */
record Judgement(double score, double[] surprises, double[] features, boolean settled) {}

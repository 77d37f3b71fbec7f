package io.homeostat.detector.window;

import io.homeostat.detector.signal.Signal;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Replicas do the same work: how far is a node from the others?
 *
 * <p>Deviation = (node - median of its peers) / max(robust spread of the peers, floor), in the transformed scale of the
 * signal. The node itself is left out of both. One bad node of three can not make the good ones look bad: it widens the
 * spread by which they are measured.
 */
public final class PeerComparison {
    /** 1.4826 * MAD estimates the standard deviation of a normal distribution. */
    private static final double MAD_TO_SIGMA = 1.4826;
    /** Least spread in the transformed scale: a third of the signal's floor, or about 30 % of a large value. */
    static final double SPREAD_FLOOR = 0.3;

    private PeerComparison() {}

    /**
     * @param deviation signed, in spreads
     * @param expected median of the peers in the signal's unit
     * @param peers value of each peer
     */
    public record Deviation(double deviation, double expected, Map<String, Double> peers) {
        public Deviation {
            peers = Map.copyOf(peers);
        }
    }

    /** Empty when the node or fewer than two peers have a value: one other node is not a majority. */
    public static Optional<Deviation> of(Signal signal, String node, Map<String, Map<String, Double>> valuesByNode) {
        Map<String, Double> own = valuesByNode.get(node);
        if (own == null || own.get(signal.name()) == null) {
            return Optional.empty();
        }
        Map<String, Double> peers = new TreeMap<>();
        valuesByNode.forEach((peer, values) -> {
            Double value = values.get(signal.name());
            if (!peer.equals(node) && value != null) {
                peers.put(peer, value);
            }
        });
        if (peers.size() < 2) {
            return Optional.empty();
        }
        double[] transformed =
                peers.values().stream().mapToDouble(signal::transform).toArray();
        double median = median(transformed);
        double[] distances =
                Arrays.stream(transformed).map(v -> Math.abs(v - median)).toArray();
        double spread = Math.max(MAD_TO_SIGMA * median(distances), SPREAD_FLOOR);
        double deviation = (signal.transform(own.get(signal.name())) - median) / spread;
        return Optional.of(new Deviation(deviation, signal.inverse(median), peers));
    }

    /** The middle value, or the mean of the two; {@code values} stay in their order. */
    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

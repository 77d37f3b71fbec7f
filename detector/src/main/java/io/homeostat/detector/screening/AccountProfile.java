package io.homeostat.detector.screening;

import java.util.Arrays;

/**
 * What is remembered of one account: moments of log amounts, decaying counts, the last counterparties, and where money that
 * lies here came from. Bounded by {@link ScreeningLimits}; arrays grow by doubling up to their bound. A plain class with public
 * fields, because it lives in Flink's keyed state.
 *
 * <p>Not thread-safe.
 */
public final class AccountProfile {
    public static final int HOURS = 24;
    public static final int WEEKDAYS = 7;
    private static final int FIRST = 4;

    public long lastMicros;
    /** Of the first transfer that it paid, 0 before. */
    public long paysSinceMicros;

    /** Paid and received: number of transfers, mean and mean square deviation of the natural log of their amounts. */
    public double[] number = new double[2];

    public double[] mean = new double[2];
    public double[] spread = new double[2];
    /** Decaying numbers of transfers: just now, and over the usual span. */
    public double[] burst = new double[2];

    public double[] usual = new double[2];
    /** Decaying sums of amounts, minor units. */
    public double[] flow = new double[2];
    /** Usual breadth of the fan, an average over transfers. */
    public double[] fan = new double[2];
    /** How often a counterparty was new, decaying over transfers. */
    public double[] novelty = new double[2];
    /** Net flow just now of a settlement account (minor units), and the mean square of it. */
    public double net;

    public double netSquare;
    public double[] hours = new double[0];
    public double[] weekdays = new double[0];

    /** Counterparties, each with the newest payment to it and from it (0 never), and its corridor's figures. */
    public int peers;

    public int[] peer = new int[0];
    public long[] paidMicros = new long[0];
    public long[] receivedMicros = new long[0];
    public double[] corridorNumber = new double[0];
    public double[] corridorMean = new double[0];
    /** Log amount of the newest payment, and the decaying number of payments alike in a row. */
    public double[] corridorLast = new double[0];

    public double[] corridorLike = new double[0];

    /** Trails: money that left {@code origin} at that time came here over so many hops. */
    public int trails;

    public int[] origin = new int[0];
    public long[] leftMicros = new long[0];
    public int[] hops = new int[0];
    public double[] trailLog = new double[0];

    /** Position of a counterparty, -1 when it is not remembered. */
    int find(int account) {
        for (int i = 0; i < peers; i++) {
            if (peer[i] == account) {
                return i;
            }
        }
        return -1;
    }

    /** Position of a counterparty, which takes the place of the one idle longest when there is no room. */
    int findOrAdd(int account, int limit) {
        int at = find(account);
        if (at >= 0) {
            return at;
        }
        if (peers < limit) {
            at = peers++;
            if (at == peer.length) {
                growPeers(Math.min(limit, Math.max(FIRST, at * 2)));
            }
        } else {
            at = 0;
            for (int i = 1; i < peers; i++) {
                if (touched(i) < touched(at)) {
                    at = i;
                }
            }
        }
        peer[at] = account;
        paidMicros[at] = 0;
        receivedMicros[at] = 0;
        corridorNumber[at] = 0;
        corridorMean[at] = 0;
        corridorLast[at] = 0;
        corridorLike[at] = 0;
        return at;
    }

    private long touched(int i) {
        return Math.max(paidMicros[i], receivedMicros[i]);
    }

    private void growPeers(int size) {
        peer = Arrays.copyOf(peer, size);
        paidMicros = Arrays.copyOf(paidMicros, size);
        receivedMicros = Arrays.copyOf(receivedMicros, size);
        corridorNumber = Arrays.copyOf(corridorNumber, size);
        corridorMean = Arrays.copyOf(corridorMean, size);
        corridorLast = Arrays.copyOf(corridorLast, size);
        corridorLike = Arrays.copyOf(corridorLike, size);
    }

    /** Counterparties paid, or who paid, since then. */
    int fan(int side, long sinceMicros) {
        long[] times = side == TransferFeatures.PAYS ? paidMicros : receivedMicros;
        int count = 0;
        for (int i = 0; i < peers; i++) {
            if (times[i] > 0 && times[i] >= sinceMicros) {
                count++;
            }
        }
        return count;
    }

    /** Remembers a trail; of one origin the shortest of the same time or the newer one is kept. */
    void addTrail(int from, long left, int length, double logAmount, int limit) {
        int at = -1;
        for (int i = 0; i < trails; i++) {
            if (origin[i] == from && Math.abs(trailLog[i] - logAmount) < TransferFeatures.ALIKE) {
                at = i;
            }
        }
        if (at >= 0) {
            if (leftMicros[at] > left || leftMicros[at] == left && hops[at] <= length) {
                return;
            }
        } else if (trails < limit) {
            at = trails++;
            if (at == origin.length) {
                int size = Math.min(limit, Math.max(FIRST, at * 2));
                origin = Arrays.copyOf(origin, size);
                leftMicros = Arrays.copyOf(leftMicros, size);
                hops = Arrays.copyOf(hops, size);
                trailLog = Arrays.copyOf(trailLog, size);
            }
        } else {
            at = 0;
            for (int i = 1; i < trails; i++) {
                if (leftMicros[i] < leftMicros[at]) {
                    at = i;
                }
            }
            if (leftMicros[at] > left) {
                return;
            }
        }
        origin[at] = from;
        leftMicros[at] = left;
        hops[at] = length;
        trailLog[at] = logAmount;
    }
}

package io.homeostat.deploy.bench;

import java.util.SplittableRandom;

/**
 * Draws accounts: uniformly, or by Zipf's law, where account {@code i} is drawn in proportion to {@code 1 / (i + 1)^s}.
 * A draw costs two table reads (alias method, M. D. Vose, 1991). Not thread-safe.
 */
final class AccountChoice {
    private final int accounts;
    private final SplittableRandom random;
    private final double[] threshold;
    private final int[] alias;

    /** @param zipf exponent, 0 for uniform */
    AccountChoice(int accounts, double zipf, SplittableRandom random) {
        this.accounts = accounts;
        this.random = random;
        this.threshold = zipf == 0 ? new double[0] : new double[accounts];
        this.alias = new int[threshold.length];
        if (zipf != 0) {
            fill(zipf);
        }
    }

    int next() {
        int column = random.nextInt(accounts);
        return threshold.length == 0 || random.nextDouble() < threshold[column] ? column : alias[column];
    }

    /** Another one than {@code first}. */
    int other(int first) {
        int second = next();
        return second == first ? (first + 1) % accounts : second;
    }

    private void fill(double zipf) {
        double sum = 0;
        for (int i = 0; i < accounts; i++) {
            threshold[i] = Math.pow(i + 1.0, -zipf);
            sum += threshold[i];
        }
        int[] small = new int[accounts];
        int[] large = new int[accounts];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < accounts; i++) {
            threshold[i] *= accounts / sum;
            alias[i] = i;
            if (threshold[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        while (smalls > 0 && larges > 0) {
            int less = small[--smalls];
            int more = large[--larges];
            alias[less] = more;
            threshold[more] -= 1 - threshold[less];
            if (threshold[more] < 1) {
                small[smalls++] = more;
            } else {
                large[larges++] = more;
            }
        }
    }
}

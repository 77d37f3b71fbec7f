package io.homeostat.detector.screening;

import java.io.Serializable;

/**
 * Bounds of what is remembered, and the spans over which it is compared. All times are event time.
 *
 * @param accounts remembered per asset: at some 0.5 to 2 kB each, 20,000 are 10 to 40 MB; beyond it the longest idle go
 * @param peers remembered per account and direction of payment: who has more is a hub, for whom a new one is no news
 * @param trails origins of money remembered per account, newest first out last
 * @param hops of a trail: longer rings are not looked for
 * @param idleDays after which an account is forgotten
 * @param fanDays within which distinct counterparties make a fan
 * @param trailDays within which money that comes back closes a ring
 * @param burstDays time constant of counts that mean "just now"
 * @param usualDays time constant of what is usual
 * @param settled transfers of an asset that must have been seen before one can be called clear
 */
public record ScreeningLimits(
        int accounts,
        int peers,
        int trails,
        int hops,
        int idleDays,
        int fanDays,
        int trailDays,
        double burstDays,
        double usualDays,
        int settled)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public ScreeningLimits {
        inRange("accounts", accounts, 10, 10_000_000);
        inRange("peers", peers, 4, 1024);
        inRange("trails", trails, 4, 256);
        inRange("hops", hops, 2, 16);
        inRange("idleDays", idleDays, 1, 3660);
        inRange("fanDays", fanDays, 1, 366);
        inRange("trailDays", trailDays, 1, 366);
        inRange("settled", settled, 1, 1_000_000);
        if (!(burstDays > 0) || !(usualDays > burstDays) || usualDays > 3660) {
            throw new IllegalArgumentException(
                    "expected 0 < burstDays < usualDays <= 3660 but they are " + burstDays + " and " + usualDays);
        }
    }

    public static ScreeningLimits defaults() {
        return new ScreeningLimits(20_000, 32, 24, 5, 180, 7, 90, 1, 30, 200);
    }

    public ScreeningLimits withAccounts(int other) {
        return new ScreeningLimits(
                other, peers, trails, hops, idleDays, fanDays, trailDays, burstDays, usualDays, settled);
    }

    private static void inRange(String name, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " must be in " + low + ".." + high + " but is " + value);
        }
    }
}

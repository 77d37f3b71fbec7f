package io.homeostat.merkle.bundle;

import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a verification saw.
 *
 * @param transfers posted at once or through a hold
 * @param gatedHolds holds that needed approval
 * @param gatedPostingsChecked gated holds that were posted, each checked for its approvals
 * @param approvalsChecked signatures of approvals and denials verified
 * @param approvalsCounted those that held against every rule
 * @param persons distinct persons whose approvals counted
 * @param refusals attempts on the gate that the ledger recorded
 * @param isolations nodes isolated, no failure of the ledger
 * @param divergences nodes whose state differed, no failure of the ledger
 * @param sums of all balances (credits - debits) by asset, minor units; all zero in a sound ledger
 */
public record Statistics(
        long leaves,
        long accounts,
        long transfers,
        long gatedHolds,
        long gatedPostingsChecked,
        long cases,
        long approvalsChecked,
        long approvalsCounted,
        long persons,
        long refusals,
        long isolations,
        long divergences,
        long anchors,
        long trailLeaves,
        long texts,
        Map<String, BigInteger> sums) {
    public Statistics {
        sums = Collections.unmodifiableMap(new TreeMap<>(sums));
    }

    static Statistics none() {
        return new Statistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());
    }
}

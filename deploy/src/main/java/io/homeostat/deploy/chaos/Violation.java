package io.homeostat.deploy.chaos;

import java.util.List;

/**
 * One promise that was broken.
 *
 * @param operations of the history that show it, in the order in which the words name them
 */
public record Violation(Promise promise, List<Integer> operations, String words) {
    public Violation {
        operations = List.copyOf(operations);
    }

    /** What the ledger promises its clients. */
    public enum Promise {
        /** What was acknowledged stands in the journal. */
        ACKNOWLEDGED_IS_KEPT("lost"),
        /** One id changes balances once. */
        ONCE("doubled"),
        /** What was refused changes nothing. */
        REFUSED_IS_NOTHING("refused but applied"),
        /** What was said not to have been written was not. */
        NOT_WRITTEN_IS_NOTHING("said not written but applied"),
        /** What ended before another began has the lower index. */
        REAL_TIME_ORDER("real-time order broken"),
        /** A client never sees an earlier index than before. */
        NEVER_BACK("index went back"),
        /** A read sees the prefix at its index, all of it and no more. */
        EXACT_PREFIX("wrong value"),
        /** The journal holds what was asked, and nothing that nobody asked. */
        NOTHING_INVENTED("invented or altered"),
        /** Debits of a limited account never exceed its credits, and a refusal for want of funds is true. */
        LIMITS_HOLD("limit broken"),
        /** The balances of an asset add up to zero. */
        SUMS_ARE_ZERO("sums off");

        private final String broken;

        Promise(String broken) {
            this.broken = broken;
        }

        /** How it is called when it is broken. */
        public String broken() {
            return broken;
        }
    }
}

package io.homeostat.detector.verdict;

import io.homeostat.events.Cause;

/** What the policy decided about a node in a window. */
public sealed interface Decision {
    String node();

    /** A new anomaly. */
    record Raise(String anomalyId, Finding finding) implements Decision {
        @Override
        public String node() {
            return finding.node();
        }
    }

    /** A finding that maintenance holds back; raised at the end of the maintenance if it lasts until then. */
    record Hold(String anomalyId, Finding finding) implements Decision {
        @Override
        public String node() {
            return finding.node();
        }
    }

    /** An open anomaly is over. */
    record Clear(String anomalyId, String node, Cause cause) implements Decision {}
}

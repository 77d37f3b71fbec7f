package io.homeostat.approvals.explain;

import java.util.List;

/** One sentence with the ids of the facts that it rests on. */
record Sentence(String text, List<String> evidence) {
    Sentence {
        evidence = List.copyOf(evidence);
    }
}

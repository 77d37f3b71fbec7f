package io.homeostat.detector.origin;

import java.util.List;
import java.util.Map;

/**
 * A component as an incident sees it.
 *
 * @param calls names of components that it calls
 * @param evidence by kind, for example {@code latency}, {@code failures}, {@code errors logged}; kinds need not be the same everywhere
 */
public record Component(String name, List<String> calls, Map<String, Evidence> evidence) {
    public Component {
        calls = List.copyOf(calls);
        evidence = Map.copyOf(evidence);
    }
}

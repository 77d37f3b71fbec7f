package io.homeostat.agent.supervise;

import io.homeostat.events.NodeProbe;
import org.jspecify.annotations.Nullable;

/**
 * What the metrics are made of, at one moment.
 *
 * @param up the process exists and answered its newest probe
 * @param probeSeconds duration of the newest probe, answered or not; negative before the first
 * @param answer newest answer of the present run of the process, also when later probes failed
 */
public record NodeView(
        boolean alive,
        boolean up,
        boolean fenced,
        double probeSeconds,
        long probeFailures,
        long restarts,
        @Nullable NodeProbe answer) {}

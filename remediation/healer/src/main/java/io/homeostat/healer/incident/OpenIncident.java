package io.homeostat.healer.incident;

import io.homeostat.events.Severity;
import java.time.Instant;

/** The open incident of a node. */
public record OpenIncident(String incidentId, String node, Severity severity, Instant openedAt) {}

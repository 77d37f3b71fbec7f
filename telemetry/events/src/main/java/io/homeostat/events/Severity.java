package io.homeostat.events;

/** How an anomaly is treated: {@code WARNING} is observed (breaker SHADOW), {@code CRITICAL} isolates. */
public enum Severity {
    WARNING,
    CRITICAL
}

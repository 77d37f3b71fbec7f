package io.homeostat.events;

/** Names of the Kafka topics by which stages talk. The first three are the OpenTelemetry Collector's own defaults. */
public final class Topics {
    public static final String OTLP_METRICS = "otlp_metrics";
    public static final String OTLP_SPANS = "otlp_spans";
    public static final String OTLP_LOGS = "otlp_logs";

    /** The committed journal in order, published by the leader's sidecar; consumers drop indexes that they have seen. */
    public static final String LEDGER_EVENTS = "ledger_events";

    /** Every step of every incident, CloudEvents JSON, keyed by node. */
    public static final String INCIDENTS = "incidents";

    /** What the screen says of each transfer that waits for a verdict, keyed by its id, unsigned: docs/adr/0029. */
    public static final String SCREENING_VERDICTS = "screening_verdicts";

    /** What people tell the detector: feedback rules and acts on models, JSON, one partition, kept for ever. */
    public static final String DETECTOR_CONTROL = "detector_control";

    private Topics() {}
}

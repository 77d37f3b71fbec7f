package io.homeostat.detector.signal;

import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * The samples of one node that came in one OTLP resource and fall into one second. An empty list is a sign of life.
 *
 * @param timeMillis event time of the newest sample
 */
@TypeInfo(NodeSamplesForm.class)
public record NodeSamples(String node, long timeMillis, List<Sample> samples) {}

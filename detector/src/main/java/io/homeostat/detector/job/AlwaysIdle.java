package io.homeostat.detector.job;

import io.homeostat.detector.control.ControlMessage;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/**
 * Of a stream that has no part in the event time of the one that it is joined to: it is idle from the first period on.
 *
 * <p>Not a watermark at the end of time: while the other stream is idle too, as before the first telemetry or when every
 * node falls silent for a second, that one would count alone, and event time never comes back from there.
 */
final class AlwaysIdle implements WatermarkGenerator<ControlMessage> {
    @Override
    public void onEvent(ControlMessage event, long eventTimestamp, WatermarkOutput output) {
        // A message is obeyed when it comes and moves no time.
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        output.markIdle();
    }
}

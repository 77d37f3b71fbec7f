package io.homeostat.detector.job;

import io.homeostat.detector.control.ControlMessage;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/** Watermarks of a stream that must never hold back the event time of the one that it is joined to. */
final class AlwaysLate implements WatermarkGenerator<ControlMessage> {
    @Override
    public void onEvent(ControlMessage event, long eventTimestamp, WatermarkOutput output) {
        // Told with each period.
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        output.emitWatermark(Watermark.MAX_WATERMARK);
    }
}

package io.homeostat.detector.window;

import io.homeostat.detector.signal.Sample;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/** A window that has not ended. Mutable. */
@TypeInfo(OpenWindowForm.class)
public class OpenWindow {
    public List<Sample> samples = new ArrayList<>();
    /** Signals whose rules were reported early. */
    public List<String> reported = new ArrayList<>();
}

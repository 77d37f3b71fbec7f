package io.homeostat.detector.window;

import io.homeostat.detector.flat.Flat;
import io.homeostat.detector.flat.Form;
import io.homeostat.detector.signal.Sample;
import io.homeostat.detector.signal.SampleForm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** {@code i32 count | (text key | sample)*}. */
public final class PreviousPointsForm extends Form<PreviousPoints> {
    private static final long serialVersionUID = 1L;

    @Override
    public Class<PreviousPoints> type() {
        return PreviousPoints.class;
    }

    @Override
    public void write(PreviousPoints previous, DataOutput out) throws IOException {
        out.writeInt(previous.points.size());
        for (Map.Entry<String, Sample> point : previous.points.entrySet()) {
            Flat.writeText(out, point.getKey());
            SampleForm.write(point.getValue(), out);
        }
    }

    @Override
    public PreviousPoints read(DataInput in) throws IOException {
        int count = in.readInt();
        PreviousPoints previous = new PreviousPoints();
        previous.points = new HashMap<>(Flat.capacity(count));
        for (int i = 0; i < count; i++) {
            previous.points.put(Flat.readText(in), SampleForm.read(in));
        }
        return previous;
    }

    @Override
    public PreviousPoints copy(PreviousPoints previous) {
        PreviousPoints copy = new PreviousPoints();
        copy.points.putAll(previous.points);
        return copy;
    }
}

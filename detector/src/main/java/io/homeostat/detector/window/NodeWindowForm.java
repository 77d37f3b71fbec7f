package io.homeostat.detector.window;

import io.homeostat.detector.flat.Flat;
import io.homeostat.detector.flat.Form;
import io.homeostat.detector.signal.SampleForm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** {@code text node | i64 startMillis | i64 endMillis | u8 early | i64 atMillis | values | samples | samples before}. */
public final class NodeWindowForm extends Form<NodeWindow> {
    private static final long serialVersionUID = 1L;

    @Override
    public Class<NodeWindow> type() {
        return NodeWindow.class;
    }

    @Override
    public void write(NodeWindow window, DataOutput out) throws IOException {
        Flat.writeText(out, window.node());
        out.writeLong(window.startMillis());
        out.writeLong(window.endMillis());
        out.writeBoolean(window.early());
        out.writeLong(window.atMillis());
        Flat.writeValues(out, window.values());
        SampleForm.write(window.samples(), out);
        SampleForm.write(window.before(), out);
    }

    @Override
    public NodeWindow read(DataInput in) throws IOException {
        return new NodeWindow(
                Flat.readText(in),
                in.readLong(),
                in.readLong(),
                in.readBoolean(),
                in.readLong(),
                Flat.readValues(in),
                SampleForm.readList(in),
                SampleForm.readList(in));
    }

    @Override
    public NodeWindow copy(NodeWindow window) {
        return window;
    }
}

package io.homeostat.detector.window;

import io.homeostat.detector.flat.Flat;
import io.homeostat.detector.flat.Form;
import io.homeostat.detector.signal.SampleForm;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** {@code samples | u16 count | (text reported)*}. */
public final class OpenWindowForm extends Form<OpenWindow> {
    private static final long serialVersionUID = 1L;

    @Override
    public Class<OpenWindow> type() {
        return OpenWindow.class;
    }

    @Override
    public void write(OpenWindow window, DataOutput out) throws IOException {
        SampleForm.write(window.samples, out);
        // Names of the catalog's signals, each once.
        out.writeShort(window.reported.size());
        for (String signal : window.reported) {
            Flat.writeText(out, signal);
        }
    }

    @Override
    public OpenWindow read(DataInput in) throws IOException {
        OpenWindow window = new OpenWindow();
        window.samples = SampleForm.readList(in);
        int count = in.readUnsignedShort();
        for (int i = 0; i < count; i++) {
            window.reported.add(Flat.readText(in));
        }
        return window;
    }

    @Override
    public OpenWindow copy(OpenWindow window) {
        OpenWindow copy = new OpenWindow();
        copy.samples.addAll(window.samples);
        copy.reported.addAll(window.reported);
        return copy;
    }
}

package io.homeostat.detector.signal;

import io.homeostat.detector.flat.Flat;
import io.homeostat.detector.flat.Form;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** {@code text node | i64 timeMillis | samples}. */
public final class NodeSamplesForm extends Form<NodeSamples> {
    private static final long serialVersionUID = 1L;

    @Override
    public Class<NodeSamples> type() {
        return NodeSamples.class;
    }

    @Override
    public void write(NodeSamples batch, DataOutput out) throws IOException {
        Flat.writeText(out, batch.node());
        out.writeLong(batch.timeMillis());
        SampleForm.write(batch.samples(), out);
    }

    @Override
    public NodeSamples read(DataInput in) throws IOException {
        return new NodeSamples(Flat.readText(in), in.readLong(), SampleForm.readList(in));
    }

    @Override
    public NodeSamples copy(NodeSamples batch) {
        return batch;
    }
}

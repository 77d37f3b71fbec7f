package io.homeostat.detector.job;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A batch in a checkpoint. Flink writes the version beside it; a later version must go on reading this one, because
 * savepoints of a running detector hold it.
 */
final class IncidentBatchSerializer implements SimpleVersionedSerializer<IncidentBatch> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(IncidentBatch batch) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(batch.line());
            out.writeLong(batch.number());
            out.writeInt(batch.events().size());
            for (Publication event : batch.events()) {
                out.writeUTF(event.node());
                out.writeInt(event.event().length);
                out.write(event.event());
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public IncidentBatch deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException("expected a batch of version " + VERSION + " but found " + version
                    + ": the checkpoint is of a newer detector");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized))) {
            String line = in.readUTF();
            long number = in.readLong();
            int count = in.readInt();
            List<Publication> events = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String node = in.readUTF();
                byte[] event = new byte[in.readInt()];
                in.readFully(event);
                events.add(new Publication(node, event));
            }
            return new IncidentBatch(line, number, events);
        }
    }
}

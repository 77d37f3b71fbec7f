package io.homeostat.detector.job;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Incidents to Kafka exactly once: they wait in the checkpoint, not in an open transaction, and {@link IncidentCommitter}
 * publishes them when the checkpoint is complete (docs/adr/0025). For one subtask and few events.
 */
final class IncidentSink implements Sink<Publication>, SupportsCommitter<IncidentBatch> {
    private static final long serialVersionUID = 1L;

    private final String bootstrap;
    private final String name;

    /** @param name of the transactions and of the group that notes what was published: one per job */
    IncidentSink(String bootstrap, String name) {
        this.bootstrap = bootstrap;
        this.name = name;
    }

    @Override
    public SinkWriter<Publication> createWriter(WriterInitContext context) {
        return new Writer();
    }

    @Override
    public Committer<IncidentBatch> createCommitter(CommitterInitContext context) {
        return new IncidentCommitter(bootstrap, name);
    }

    @Override
    public SimpleVersionedSerializer<IncidentBatch> getCommittableSerializer() {
        return new IncidentBatchSerializer();
    }

    private static final class Writer implements CommittingSinkWriter<Publication, IncidentBatch> {
        private final String line = UUID.randomUUID().toString();
        private List<Publication> events = new ArrayList<>();
        private long number;

        @Override
        public void write(Publication event, Context context) {
            events.add(event);
        }

        @Override
        public void flush(boolean endOfInput) {
            // Nothing leaves before the checkpoint is complete.
        }

        @Override
        public Collection<IncidentBatch> prepareCommit() {
            if (events.isEmpty()) {
                return List.of();
            }
            IncidentBatch batch = new IncidentBatch(line, number++, events);
            events = new ArrayList<>();
            return List.of(batch);
        }

        @Override
        public void close() {
            // What was not part of a checkpoint is decided again.
        }
    }
}

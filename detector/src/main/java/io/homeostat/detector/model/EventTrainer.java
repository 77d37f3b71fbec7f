package io.homeostat.detector.model;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.DateTimeProvenance;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Trainer;
import org.tribuo.anomaly.Event;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;

/** What every trainer of ours owes Tribuo besides training: a count of its trainings, and who made a model when of what. */
abstract class EventTrainer implements Trainer<Event> {
    /** Key of the run provenance that carries the time of training: the event time of the newest baseline window. */
    static final String TRAINED_AT = "baseline-end";

    private int invocations;

    /** Counts a training; the provenance is that of before it. */
    final TrainerProvenance begin() {
        TrainerProvenance trainer = getProvenance();
        invocations++;
        return trainer;
    }

    /** Of a model that {@link #begin} began. */
    static ModelProvenance provenance(
            Class<? extends Model<Event>> model,
            Dataset<Event> examples,
            TrainerProvenance trainer,
            Map<String, Provenance> runProvenance) {
        return new ModelProvenance(
                model.getName(), trainedAt(runProvenance), examples.getProvenance(), trainer, runProvenance);
    }

    /** The time of training as the run tells it, or now. */
    private static OffsetDateTime trainedAt(Map<String, Provenance> runProvenance) {
        return runProvenance.get(TRAINED_AT) instanceof DateTimeProvenance time
                ? time.getValue()
                : OffsetDateTime.now(ZoneOffset.UTC);
    }

    @Override
    public final int getInvocationCount() {
        return invocations;
    }

    @Override
    public final void setInvocationCount(int count) {
        invocations = count;
    }

    @Override
    public final TrainerProvenance getProvenance() {
        return new TrainerProvenanceImpl(this);
    }
}

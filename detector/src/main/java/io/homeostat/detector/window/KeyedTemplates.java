package io.homeostat.detector.window;

import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.template.TemplateMiner;
import io.homeostat.detector.template.TemplateState;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Log templates of the current key in Flink's state: read for a batch with log lines only, written when they change. */
final class KeyedTemplates {
    private final ValueState<TemplateState> templates;

    KeyedTemplates(RuntimeContext context) {
        templates = context.getState(new ValueStateDescriptor<>("templates", TypeInformation.of(TemplateState.class)));
    }

    NodeSamples mine(TemplateMiner miner, NodeSamples batch) {
        TemplateState[] read = {null};
        TemplateMiner.Mined mined = miner.mine(batch, () -> {
            read[0] = value();
            return read[0];
        });
        if (mined.changed()) {
            update(read[0]);
        }
        return mined.batch();
    }

    private TemplateState value() {
        try {
            TemplateState state = templates.value();
            // The heap's state must not be changed in place.
            return state == null ? new TemplateState() : state.copy();
        } catch (IOException e) {
            throw new UncheckedIOException("the state of log templates can not be read", e);
        }
    }

    private void update(TemplateState state) {
        try {
            templates.update(state);
        } catch (IOException e) {
            throw new UncheckedIOException("the state of log templates can not be written", e);
        }
    }
}

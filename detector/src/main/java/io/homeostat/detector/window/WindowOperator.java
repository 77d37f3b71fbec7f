package io.homeostat.detector.window;

import io.homeostat.detector.signal.NodeSamples;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * {@link FeatureWindow} with its nodes in memory between checkpoints. A function of Flink's sees one key at a time and can not
 * write all of them when a checkpoint comes; an operator can. Owned by the task's thread.
 */
public final class WindowOperator extends KeyedProcessOperator<String, NodeSamples, NodeWindow> {
    private static final long serialVersionUID = 1L;
    /** Nodes in memory before they are written without a checkpoint: some 10 kB each. */
    private static final int MOST_NODES = 1_024;

    public WindowOperator(FeatureWindow function) {
        super(function);
    }

    @Override
    public void processElement(StreamRecord<NodeSamples> element) throws Exception {
        super.processElement(element);
        if (function().nodesInMemory() > MOST_NODES) {
            function().writeBack(this::setCurrentKey);
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        function().writeBack(this::setCurrentKey);
        super.snapshotState(context);
    }

    private FeatureWindow function() {
        return (FeatureWindow) getUserFunction();
    }
}

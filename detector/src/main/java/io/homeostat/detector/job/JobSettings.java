package io.homeostat.detector.job;

import io.homeostat.detector.evidence.EvidenceLimits;
import io.homeostat.detector.signal.DecodeLimits;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.window.WindowLimits;
import java.io.Serializable;
import java.util.List;

/**
 * What the job needs to know, in a form that Flink can ship.
 *
 * @param dataDir folder of models and sealed windows, reachable from the task that judges
 * @param expectedNodes the nodes that are judged; empty for every node that reports
 * @param baselineWindows windows of one second in which the model learns what is normal
 */
public record JobSettings(
        String kafkaBootstrap,
        String consumerGroup,
        String dataDir,
        List<String> expectedNodes,
        int baselineWindows,
        DecodeLimits decode,
        WindowLimits window,
        PolicyLimits policy,
        EvidenceLimits evidence)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public JobSettings {
        // ArrayList is Serializable for sure; List.of is too, but this says that it must be.
        expectedNodes = new java.util.ArrayList<>(expectedNodes);
        if (baselineWindows < 5) {
            throw new IllegalArgumentException("baselineWindows must be at least 5 but is " + baselineWindows);
        }
    }
}

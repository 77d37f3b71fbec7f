package io.homeostat.detector.screening;

import java.io.Serializable;

/**
 * What the job needs to know, in a form that Flink can ship.
 *
 * @param reviewPerDay transfers that people can look at a day, per asset
 */
public record ScreeningSettings(
        String kafkaBootstrap, String consumerGroup, double reviewPerDay, ScreeningLimits limits)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Fifty reviews a day. */
    public static ScreeningSettings of(String kafkaBootstrap) {
        return new ScreeningSettings(kafkaBootstrap, ScreeningJob.NAME, 50, ScreeningLimits.defaults());
    }
}

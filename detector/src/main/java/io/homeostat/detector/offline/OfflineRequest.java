package io.homeostat.detector.offline;

import io.homeostat.detector.model.Members;
import io.homeostat.detector.stream.AlarmLimits;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to train on, what to score, where to write.
 *
 * @param train normal work; without it the first 150 rows of the test teach
 * @param test rows to score
 * @param out a score per row of the test; gzipped when its name ends in {@code .gz}
 * @param alarms the report with its alarms as JSON
 * @param modelOut the trained model as protobuf
 * @param univariate rows are {@code timestamp,value}
 * @param members which parts of the model score; all but {@link Members#BOTH} are for ablations
 */
public record OfflineRequest(
        Optional<Path> train,
        Path test,
        Path out,
        Optional<Path> alarms,
        Optional<Path> modelOut,
        boolean univariate,
        Members members,
        AlarmLimits limits) {}

package io.homeostat.deploy;

import io.homeostat.deploy.cluster.ClusterDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which cluster on this machine a command is about. */
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description = "the cluster's directory (default: ${DEFAULT-VALUE})")
    private Path path = Path.of("data");

    Path path() {
        return path;
    }

    /** The cluster; where there is none, a failure that says what to do. */
    ClusterDirectory open() {
        return ClusterDirectory.open(path);
    }

    /** What the detector keeps: evidence and models. */
    Path detector() {
        return path.resolve("detector");
    }
}

package io.homeostat.deploy;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.process.ParentGuard;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What every process of a cluster is told: where the cluster lives, and whether a parent holds it. */
final class RoleOptions {
    @Option(names = "--data", paramLabel = "DIR", required = true, description = "the cluster's directory")
    private Path data = Path.of("");

    @Option(names = "--no-parent", description = "an orchestrator owns this process: standard input means nothing")
    private boolean noParent;

    /**
     * Opens the cluster, and lets the process end with its parent.
     *
     * @param haltAfter from a stop to a hard halt
     */
    ClusterDirectory open(Duration haltAfter) {
        ClusterDirectory cluster = ClusterDirectory.open(data);
        if (!noParent) {
            ParentGuard.start(System.in, haltAfter);
        }
        return cluster;
    }
}

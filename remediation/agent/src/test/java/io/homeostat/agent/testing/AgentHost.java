package io.homeostat.agent.testing;

import io.homeostat.agent.NodeAgent;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Path;

/** The main class of a process that only runs an agent, so that a test can kill an agent with SIGKILL. */
public final class AgentHost {
    private AgentHost() {}

    public static void main(String[] arguments) throws IOException {
        AgentBench bench = AgentBench.in(Path.of(arguments[0]));
        NodeAgent.start(bench.config(), OpenTelemetry.noop());
        while (System.in.read() >= 0) {
            Thread.onSpinWait();
        }
    }
}

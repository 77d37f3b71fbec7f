package io.homeostat.agent;

import io.homeostat.events.ActionKind;
import io.homeostat.transport.TlsFiles;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What {@link NodeAgent} needs to know. Secrets come as files, so that no command line and no log shows them.
 *
 * @param nodeCommand program and arguments that start the node; RESYNC adds {@code --join}
 * @param nodeDataDir the node's data, what RESYNC moves aside
 * @param stateDir the agent's own small files (attempts, reports, approver policy); not below {@code nodeDataDir}
 * @param logFile where the node's output goes
 * @param nodeControl base address of the node's control API
 * @param nodeApi base address of the node's public API, for {@code GET /v1/policy}
 * @param host address that the control API binds
 * @param controlPort port of the control API; 0 takes any free port
 * @param approvalRequired kinds of action that need signatures of approvers; empty by default (level AUTO)
 * @param tls identity of the control API and towards the node; empty for plain text on loopback
 */
public record AgentConfig(
        String nodeId,
        List<String> nodeCommand,
        Path nodeDataDir,
        Path stateDir,
        Path logFile,
        URI nodeControl,
        Path nodeControlTokenFile,
        URI nodeApi,
        Path readerTokenFile,
        String host,
        int controlPort,
        Path agentTokenFile,
        Set<ActionKind> approvalRequired,
        AgentLimits limits,
        Optional<TlsFiles> tls) {
    /** What a sidecar can do at all; the other kinds go through the ledger's API. */
    public static final Set<ActionKind> LOCAL_ACTIONS = Set.of(ActionKind.FENCE, ActionKind.RESTART, ActionKind.RESYNC);

    public AgentConfig {
        if (!nodeId.matches("[a-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("nodeId must match [a-z0-9._-]{1,64} but is '" + nodeId + "'");
        }
        nodeCommand = List.copyOf(nodeCommand);
        if (nodeCommand.isEmpty()) {
            throw new IllegalArgumentException("nodeCommand must name a program but is empty");
        }
        nodeDataDir = nodeDataDir.toAbsolutePath().normalize();
        stateDir = stateDir.toAbsolutePath().normalize();
        if (stateDir.startsWith(nodeDataDir)) {
            throw new IllegalArgumentException(
                    "stateDir must not be below nodeDataDir, which a resync moves aside, but is " + stateDir);
        }
        Objects.requireNonNull(logFile, "logFile");
        Objects.requireNonNull(nodeControl, "nodeControl");
        Objects.requireNonNull(nodeControlTokenFile, "nodeControlTokenFile");
        Objects.requireNonNull(nodeApi, "nodeApi");
        Objects.requireNonNull(readerTokenFile, "readerTokenFile");
        Objects.requireNonNull(host, "host");
        if (controlPort < 0 || controlPort > 65535) {
            throw new IllegalArgumentException("controlPort must be in [0, 65535] but is " + controlPort);
        }
        Objects.requireNonNull(agentTokenFile, "agentTokenFile");
        approvalRequired = Set.copyOf(approvalRequired);
        if (!LOCAL_ACTIONS.containsAll(approvalRequired)) {
            throw new IllegalArgumentException(
                    "approvalRequired must be among " + LOCAL_ACTIONS + " but is " + approvalRequired);
        }
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(tls, "tls");
    }

    /** Without TLS. */
    public AgentConfig(
            String nodeId,
            List<String> nodeCommand,
            Path nodeDataDir,
            Path stateDir,
            Path logFile,
            URI nodeControl,
            Path nodeControlTokenFile,
            URI nodeApi,
            Path readerTokenFile,
            String host,
            int controlPort,
            Path agentTokenFile,
            Set<ActionKind> approvalRequired,
            AgentLimits limits) {
        this(
                nodeId,
                nodeCommand,
                nodeDataDir,
                stateDir,
                logFile,
                nodeControl,
                nodeControlTokenFile,
                nodeApi,
                readerTokenFile,
                host,
                controlPort,
                agentTokenFile,
                approvalRequired,
                limits,
                Optional.empty());
    }
}

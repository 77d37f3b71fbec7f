package io.homeostat.healer;

import io.homeostat.healer.act.NodeEndpoint;
import io.homeostat.healer.plan.AutonomyPolicy;
import io.homeostat.transport.TlsFiles;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the healer is built from.
 *
 * @param kafkaBootstrap {@code host:port[,host:port]}
 * @param consumerGroup of the reader of {@code incidents}; the same over restarts
 * @param jdbcUrl {@code jdbc:h2:file:DIR/healer} or {@code jdbc:postgresql:..}; one healer per database
 * @param nodes every node of the ledger, at least three
 * @param remediationTokenFile bearer token of the principal {@code remediation} at the ledger's API
 * @param agentTokenFile bearer token of the sidecars' control API
 * @param recoveryTier tier of the ledger's policy under which recovery cases are opened
 * @param tls identity towards nodes and sidecars; empty when they speak plain text
 */
public record HealerConfig(
        String kafkaBootstrap,
        String consumerGroup,
        String jdbcUrl,
        String jdbcUser,
        String jdbcPassword,
        List<NodeEndpoint> nodes,
        Path remediationTokenFile,
        Path agentTokenFile,
        AutonomyPolicy autonomy,
        String recoveryTier,
        HealerLimits limits,
        InstantSource clock,
        Optional<TlsFiles> tls) {
    public HealerConfig {
        Objects.requireNonNull(kafkaBootstrap, "kafkaBootstrap");
        Objects.requireNonNull(consumerGroup, "consumerGroup");
        Objects.requireNonNull(jdbcUrl, "jdbcUrl");
        Objects.requireNonNull(jdbcUser, "jdbcUser");
        Objects.requireNonNull(jdbcPassword, "jdbcPassword");
        Objects.requireNonNull(remediationTokenFile, "remediationTokenFile");
        Objects.requireNonNull(agentTokenFile, "agentTokenFile");
        Objects.requireNonNull(autonomy, "autonomy");
        Objects.requireNonNull(recoveryTier, "recoveryTier");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(tls, "tls");
        nodes = List.copyOf(nodes);
        if (nodes.size() < 3) {
            throw new IllegalArgumentException(
                    "nodes must be at least 3, fewer can not lose one and keep a majority, but are " + nodes.size());
        }
        long distinct = nodes.stream().map(NodeEndpoint::id).distinct().count();
        if (distinct != nodes.size()) {
            throw new IllegalArgumentException("nodes must have distinct ids but are "
                    + nodes.stream().map(NodeEndpoint::id).toList());
        }
    }

    /** Without TLS. */
    public HealerConfig(
            String kafkaBootstrap,
            String consumerGroup,
            String jdbcUrl,
            String jdbcUser,
            String jdbcPassword,
            List<NodeEndpoint> nodes,
            Path remediationTokenFile,
            Path agentTokenFile,
            AutonomyPolicy autonomy,
            String recoveryTier,
            HealerLimits limits,
            InstantSource clock) {
        this(
                kafkaBootstrap,
                consumerGroup,
                jdbcUrl,
                jdbcUser,
                jdbcPassword,
                nodes,
                remediationTokenFile,
                agentTokenFile,
                autonomy,
                recoveryTier,
                limits,
                clock,
                Optional.empty());
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "HealerConfig[kafkaBootstrap=" + kafkaBootstrap + ", consumerGroup=" + consumerGroup + ", nodes="
                + nodes.stream().map(NodeEndpoint::id).toList() + ", recoveryTier=" + recoveryTier + "]";
    }
}

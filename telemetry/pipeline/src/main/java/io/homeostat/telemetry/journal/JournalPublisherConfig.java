package io.homeostat.telemetry.journal;

import io.homeostat.transport.TlsFiles;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What a {@link JournalPublisher} needs.
 *
 * @param nodeApi base of the node's public HTTP API
 * @param readerTokenFile bearer token of a principal with the role {@code reader}
 * @param leader whether the node next door leads now
 * @param poll pause between looks at who leads, and after a failure
 * @param tls identity towards the node; empty when it speaks plain text
 */
public record JournalPublisherConfig(
        String nodeId,
        URI nodeApi,
        Path readerTokenFile,
        String kafkaBootstrap,
        BooleanSupplier leader,
        Duration poll,
        Optional<TlsFiles> tls) {
    public JournalPublisherConfig {
        Objects.requireNonNull(nodeId, "nodeId");
        Objects.requireNonNull(nodeApi, "nodeApi");
        Objects.requireNonNull(readerTokenFile, "readerTokenFile");
        Objects.requireNonNull(kafkaBootstrap, "kafkaBootstrap");
        Objects.requireNonNull(leader, "leader");
        Objects.requireNonNull(tls, "tls");
        if (poll.toMillis() < 10) {
            throw new IllegalArgumentException("poll must be at least 10 ms but is " + poll);
        }
    }

    /** Without TLS. */
    public JournalPublisherConfig(
            String nodeId,
            URI nodeApi,
            Path readerTokenFile,
            String kafkaBootstrap,
            BooleanSupplier leader,
            Duration poll) {
        this(nodeId, nodeApi, readerTokenFile, kafkaBootstrap, leader, poll, Optional.empty());
    }
}

package io.homeostat.approvals;

import io.homeostat.approvals.explain.LlmConfig;
import io.homeostat.approvals.web.StopButton;
import io.homeostat.approvals.web.WebTls;
import io.homeostat.transport.TlsFiles;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the module needs from outside.
 *
 * @param dataDir for the trail, its texts and bundles in the making
 * @param ledgerName name in GENESIS; the trail's origin is {@code NAME/trail}
 * @param ledgerApis base addresses of the nodes' public APIs
 * @param readerTokenFile bearer token with the ledger's role {@code reader}
 * @param trailTokenFile bearer token with the ledger's roles {@code reader} and {@code trail}
 * @param webPort 0 takes a free one, see {@link Approvals#webPort()}
 * @param usersFile written by {@link io.homeostat.approvals.web.UsersFile#write}
 * @param apiTokensFile JSON list of {@code {"principal","roles","sha256"}}
 * @param tls certificate and key of the web door, empty for plain HTTP on a loopback address
 * @param ledgerTls identity towards the ledger's nodes, empty when they speak plain text
 */
public record ApprovalsConfig(
        String kafkaBootstrap,
        Path dataDir,
        String ledgerName,
        List<URI> ledgerApis,
        Path readerTokenFile,
        Path trailTokenFile,
        String host,
        int webPort,
        Path usersFile,
        Path apiTokensFile,
        Optional<LlmConfig> llm,
        StopButton stopButton,
        ApprovalsLimits limits,
        Optional<WebTls> tls,
        Optional<TlsFiles> ledgerTls) {
    public ApprovalsConfig {
        Objects.requireNonNull(kafkaBootstrap, "kafkaBootstrap");
        Objects.requireNonNull(dataDir, "dataDir");
        Objects.requireNonNull(ledgerName, "ledgerName");
        ledgerApis = List.copyOf(ledgerApis);
        Objects.requireNonNull(readerTokenFile, "readerTokenFile");
        Objects.requireNonNull(trailTokenFile, "trailTokenFile");
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(usersFile, "usersFile");
        Objects.requireNonNull(apiTokensFile, "apiTokensFile");
        Objects.requireNonNull(llm, "llm");
        Objects.requireNonNull(stopButton, "stopButton");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(ledgerTls, "ledgerTls");
        if (tls.isEmpty() && !loopback(host)) {
            throw new IllegalArgumentException("host '" + host
                    + "' is not loopback: without TLS the web door binds only a loopback address; see --web-tls");
        }
        if (webPort < 0 || webPort > 65_535) {
            throw new IllegalArgumentException("webPort must be 0 to 65535 but is " + webPort);
        }
    }

    /** Without TLS. */
    public ApprovalsConfig(
            String kafkaBootstrap,
            Path dataDir,
            String ledgerName,
            List<URI> ledgerApis,
            Path readerTokenFile,
            Path trailTokenFile,
            String host,
            int webPort,
            Path usersFile,
            Path apiTokensFile,
            Optional<LlmConfig> llm,
            StopButton stopButton,
            ApprovalsLimits limits) {
        this(
                kafkaBootstrap,
                dataDir,
                ledgerName,
                ledgerApis,
                readerTokenFile,
                trailTokenFile,
                host,
                webPort,
                usersFile,
                apiTokensFile,
                llm,
                stopButton,
                limits,
                Optional.empty(),
                Optional.empty());
    }

    private static boolean loopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }
}

package io.homeostat.telemetry;

import java.util.Map;
import java.util.Objects;

/**
 * What {@link OtlpIntake} needs to know.
 *
 * @param host address that both listeners bind, {@code 127.0.0.1} unless there is a reason
 * @param httpPort OTLP/HTTP, 4318 by convention; 0 takes any free port
 * @param grpcPort OTLP/gRPC, 4317 by convention; 0 takes any free port
 * @param kafkaBootstrap Kafka's {@code bootstrap.servers}
 * @param kafkaProperties further properties of the producer, for example for TLS; never logged
 * @param bearerToken senders must show it, empty when none is asked for; demanded when {@code host} is not loopback
 */
public record OtlpIntakeConfig(
        String host,
        int httpPort,
        int grpcPort,
        String kafkaBootstrap,
        Map<String, String> kafkaProperties,
        String bearerToken,
        IntakeLimits limits) {
    public OtlpIntakeConfig {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(kafkaBootstrap, "kafkaBootstrap");
        kafkaProperties = Map.copyOf(kafkaProperties);
        Objects.requireNonNull(bearerToken, "bearerToken");
        Objects.requireNonNull(limits, "limits");
        port(httpPort, "httpPort");
        port(grpcPort, "grpcPort");
        if (bearerToken.isEmpty() && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    "host '" + host
                            + "' is not loopback: set bearerToken, or bind 127.0.0.1, so that strangers can not send telemetry");
        }
    }

    /** Both listeners on loopback, no token, default bounds. */
    public static OtlpIntakeConfig onLoopback(int httpPort, int grpcPort, String kafkaBootstrap) {
        return new OtlpIntakeConfig(
                "127.0.0.1", httpPort, grpcPort, kafkaBootstrap, Map.of(), "", IntakeLimits.defaults());
    }

    /** Secrets stay out of logs. */
    @Override
    public String toString() {
        return "OtlpIntakeConfig[host=" + host + ", httpPort=" + httpPort + ", grpcPort=" + grpcPort
                + ", kafkaBootstrap=" + kafkaBootstrap + ", kafkaProperties=" + kafkaProperties.keySet()
                + ", bearerToken=" + (bearerToken.isEmpty() ? "none" : "set") + ", limits=" + limits + "]";
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    private static void port(int port, String field) {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException(field + " must be in [0, 65535] but is " + port);
        }
    }
}

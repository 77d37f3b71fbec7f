package io.homeostat.telemetry.intake;

import io.homeostat.telemetry.IntakeTelemetry;
import io.homeostat.telemetry.OtlpIntakeConfig;
import io.homeostat.telemetry.handoff.KafkaHandOff;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServer;

/** Both listeners over one intake; they share the budget for bodies and the one decoding thread. */
public final class IntakeListeners {
    /** One: decoding is short, and a second one would double the memory that a hostile body can ask for. */
    private static final int DECODING_THREADS = 1;

    private final Future<HttpServer> http;
    private final Future<HttpServer> grpc;

    private IntakeListeners(Future<HttpServer> http, Future<HttpServer> grpc) {
        this.http = http;
        this.grpc = grpc;
    }

    /** Completes when both ports listen. */
    public static Future<IntakeListeners> listen(
            Vertx vertx, OtlpIntakeConfig config, IntakeTelemetry telemetry, KafkaHandOff handOff) {
        WorkerExecutor workers = vertx.createSharedWorkerExecutor("otlp-decode", DECODING_THREADS);
        SignalIntake intake = new SignalIntake(config.limits(), telemetry, handOff);
        BearerGate gate = new BearerGate(config.bearerToken());
        BodyBudget budget = new BodyBudget(config.limits().inFlightBytes());
        Future<HttpServer> http =
                new HttpListener(vertx, intake, gate, budget, workers).listen(config.host(), config.httpPort());
        Future<HttpServer> grpc =
                new GrpcListener(vertx, intake, gate, budget, workers).listen(config.host(), config.grpcPort());
        return Future.all(http, grpc).map(both -> new IntakeListeners(http, grpc));
    }

    public int httpPort() {
        return http.result().actualPort();
    }

    public int grpcPort() {
        return grpc.result().actualPort();
    }
}

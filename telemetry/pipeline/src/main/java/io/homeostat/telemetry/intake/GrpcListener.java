package io.homeostat.telemetry.intake;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * OTLP/gRPC: the unary {@code Export} of the three collector services, over h2c on a port of its own.
 *
 * <p>Messages are taken as raw frames, so that gzip is inflated by {@link BoundedInflater} and not by the framework.
 */
final class GrpcListener {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcListener.class);
    /** Per connection; an SDK exporter has one request in flight for each signal. */
    private static final int CONCURRENT_STREAMS = 16;

    private final SignalIntake intake;
    private final BearerGate gate;
    private final BodyBudget budget;
    private final WorkerExecutor workers;
    private final HttpServer server;

    GrpcListener(Vertx vertx, SignalIntake intake, BearerGate gate, BodyBudget budget, WorkerExecutor workers) {
        this.intake = intake;
        this.gate = gate;
        this.budget = budget;
        this.workers = workers;
        GrpcServerOptions grpcOptions = new GrpcServerOptions()
                .setMaxMessageSize(intake.limits().bodyBytes())
                .removeEnabledProtocol(GrpcProtocol.WEB)
                .removeEnabledProtocol(GrpcProtocol.WEB_TEXT);
        GrpcServer grpc = GrpcServer.server(vertx, grpcOptions);
        for (OtlpSignal signal : OtlpSignal.values()) {
            ServiceMethod<Buffer, Buffer> export = ServiceMethod.server(
                    ServiceName.create(signal.grpcService()),
                    "Export",
                    GrpcMessageEncoder.IDENTITY,
                    GrpcMessageDecoder.IDENTITY);
            grpc.callHandler(export, request -> receive(request, signal));
        }
        ConnectionLimit connections = new ConnectionLimit(intake.limits().connections());
        HttpServerOptions options = new HttpServerOptions()
                .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(CONCURRENT_STREAMS))
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout((int) intake.limits().idle().toSeconds());
        this.server = vertx.createHttpServer(options)
                .connectionHandler(connections::opened)
                .requestHandler(grpc);
    }

    Future<HttpServer> listen(String host, int port) {
        return server.listen(port, host);
    }

    private void receive(GrpcServerRequest<Buffer, Buffer> request, OtlpSignal signal) {
        GrpcServerResponse<Buffer, Buffer> response = request.response();
        if (!gate.admits(request.headers().get("authorization"))) {
            refuse(response, signal, Refusal.UNAUTHENTICATED, "a valid bearer token is expected");
            return;
        }
        AtomicBoolean first = new AtomicBoolean(true);
        request.invalidMessageHandler(tooLarge -> refuse(
                response,
                signal,
                Refusal.TOO_LARGE,
                "the message is larger than the limit of " + intake.limits().bodyBytes() + " bytes"));
        request.messageHandler(message -> {
            // Export is unary: a second message on the same call is not looked at.
            if (first.compareAndSet(true, false)) {
                receive(message, response, signal);
            }
        });
    }

    private void receive(GrpcMessage message, GrpcServerResponse<Buffer, Buffer> response, OtlpSignal signal) {
        boolean gzip = "gzip".equals(message.encoding());
        if (!gzip && !"identity".equals(message.encoding())) {
            refuse(response, signal, Refusal.UNSUPPORTED, "grpc-encoding must be gzip or identity");
            return;
        }
        byte[] bytes = message.payload().getBytes();
        if (!budget.tryTake(bytes.length)) {
            refuse(response, signal, Refusal.FULL, "too many bodies are being received; retry later");
            return;
        }
        workers.executeBlocking(() -> intake.receive(signal, BodyEncoding.PROTOBUF, gzip, bytes), false)
                .onComplete(done -> {
                    budget.giveBack(bytes.length);
                    if (done.succeeded()) {
                        answer(response, done.result());
                    } else {
                        LOG.atError().setCause(done.cause()).log("decoding telemetry failed: a defect");
                        response.status(GrpcStatus.INTERNAL).end();
                    }
                });
    }

    private void refuse(
            GrpcServerResponse<Buffer, Buffer> response, OtlpSignal signal, Refusal refusal, String detail) {
        answer(response, intake.refuse(signal, new IntakeAnswer.Refused(refusal, detail)));
    }

    private static void answer(GrpcServerResponse<Buffer, Buffer> response, IntakeAnswer answer) {
        if (answer instanceof IntakeAnswer.Accepted accepted) {
            response.end(Buffer.buffer(accepted.response().toByteArray()));
        } else if (answer instanceof IntakeAnswer.Refused refused) {
            response.status(refused.refusal().grpcStatus()).statusMessage(refused.detail());
            response.end();
        }
    }
}

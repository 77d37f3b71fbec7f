package io.homeostat.telemetry.intake;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * OTLP/HTTP: {@code POST /v1/metrics}, {@code /v1/traces}, {@code /v1/logs}.
 *
 * <p>Bodies are collected as they arrive, compressed or not, within the limits of one body and of all bodies; decoding runs
 * on a worker. Source: OTLP specification, "OTLP/HTTP".
 */
final class HttpListener {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    /** Whoever sends this many times the largest body after being refused is not listening. */
    private static final int DISCARDED_BODIES = 4;

    private final SignalIntake intake;
    private final BearerGate gate;
    private final BodyBudget budget;
    private final WorkerExecutor workers;
    private final HttpServer server;

    HttpListener(Vertx vertx, SignalIntake intake, BearerGate gate, BodyBudget budget, WorkerExecutor workers) {
        this.intake = intake;
        this.gate = gate;
        this.budget = budget;
        this.workers = workers;
        ConnectionLimit connections = new ConnectionLimit(intake.limits().connections());
        HttpServerOptions options = new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout((int) intake.limits().idle().toSeconds());
        this.server = vertx.createHttpServer(options)
                .connectionHandler(connections::opened)
                .requestHandler(this::receive);
    }

    Future<HttpServer> listen(String host, int port) {
        return server.listen(port, host);
    }

    private void receive(HttpServerRequest request) {
        Optional<OtlpSignal> signal = Arrays.stream(OtlpSignal.values())
                .filter(s -> s.httpPath().equals(request.path()))
                .findFirst();
        if (signal.isEmpty()) {
            endEarly(request, 404, "expected /v1/metrics, /v1/traces or /v1/logs");
        } else if (request.method() != HttpMethod.POST) {
            request.response().putHeader(HttpHeaders.ALLOW, "POST");
            endEarly(request, 405, "expected POST");
        } else {
            receive(request, signal.get());
        }
    }

    private void receive(HttpServerRequest request, OtlpSignal signal) {
        BodyEncoding encoding = encodingOf(request.getHeader(HttpHeaders.CONTENT_TYPE));
        String compression = compressionOf(request);
        BodyEncoding answerIn = encoding == null ? BodyEncoding.PROTOBUF : encoding;
        if (!gate.admits(request.getHeader(HttpHeaders.AUTHORIZATION))) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
            refuseEarly(request, signal, answerIn, Refusal.UNAUTHENTICATED, "a valid bearer token is expected");
        } else if (encoding == null) {
            String expected = "Content-Type must be application/x-protobuf or application/json";
            refuseEarly(request, signal, answerIn, Refusal.UNSUPPORTED, expected);
        } else if (!compression.equals("gzip") && !compression.equals("identity")) {
            String expected = "Content-Encoding must be gzip or absent";
            refuseEarly(request, signal, answerIn, Refusal.UNSUPPORTED, expected);
        } else if (announcedBytes(request) > intake.limits().bodyBytes()) {
            refuseEarly(request, signal, answerIn, Refusal.TOO_LARGE, tooLarge());
        } else {
            new Body(request, signal, encoding, compression.equals("gzip")).collect();
        }
    }

    /** One body on its way in. Confined to the request's event loop. */
    private final class Body {
        private final HttpServerRequest request;
        private final OtlpSignal signal;
        private final BodyEncoding encoding;
        private final boolean gzip;
        private final Buffer collected = Buffer.buffer();
        private int takenBytes;
        private boolean over;

        Body(HttpServerRequest request, OtlpSignal signal, BodyEncoding encoding, boolean gzip) {
            this.request = request;
            this.signal = signal;
            this.encoding = encoding;
            this.gzip = gzip;
        }

        void collect() {
            request.exceptionHandler(broken -> finish());
            request.endHandler(end -> decode());
            request.handler(this::more);
        }

        private void more(Buffer chunk) {
            if (over) {
                return;
            }
            if (collected.length() + chunk.length() > intake.limits().bodyBytes()) {
                finish();
                refuseEarly(request, signal, encoding, Refusal.TOO_LARGE, tooLarge());
            } else if (!budget.tryTake(chunk.length())) {
                finish();
                refuseEarly(request, signal, encoding, Refusal.FULL, "too many bodies are being received; retry later");
            } else {
                takenBytes += chunk.length();
                collected.appendBuffer(chunk);
            }
        }

        private void decode() {
            if (over) {
                return;
            }
            // The bytes stay taken until decoding is done; finish() must not give them back before.
            over = true;
            byte[] bytes = collected.getBytes();
            workers.executeBlocking(() -> intake.receive(signal, encoding, gzip, bytes), false)
                    .onComplete(done -> {
                        budget.giveBack(takenBytes);
                        if (done.succeeded()) {
                            answer(request.response(), encoding, done.result());
                        } else {
                            LOG.atError().setCause(done.cause()).log("decoding telemetry failed: a defect");
                            request.response().setStatusCode(500).end();
                        }
                    });
        }

        private void finish() {
            if (!over) {
                over = true;
                budget.giveBack(takenBytes);
            }
        }
    }

    private void answer(HttpServerResponse response, BodyEncoding encoding, IntakeAnswer answer) {
        if (response.closed() || response.ended()) {
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, encoding.contentType());
        if (answer instanceof IntakeAnswer.Accepted accepted) {
            response.end(Buffer.buffer(StatusBody.of(encoding, accepted.response())));
        } else if (answer instanceof IntakeAnswer.Refused refused) {
            response.setStatusCode(refused.refusal().httpStatus());
            if (refused.refusal() == Refusal.FULL) {
                response.putHeader(
                        HttpHeaders.RETRY_AFTER,
                        Long.toString(intake.limits().retryAfter().toSeconds()));
            }
            response.end(Buffer.buffer(StatusBody.of(encoding, refused)));
        }
    }

    /** Answers before the whole body has come. */
    private void refuseEarly(
            HttpServerRequest request, OtlpSignal signal, BodyEncoding encoding, Refusal refusal, String detail) {
        discardRest(request);
        answer(request.response(), encoding, intake.refuse(signal, new IntakeAnswer.Refused(refusal, detail)));
    }

    /**
     * Closing at once would reset the connection, and the sender, still writing, would never see why it was refused. So the
     * rest is read and thrown away, up to a bound.
     */
    private void discardRest(HttpServerRequest request) {
        long limit = (long) DISCARDED_BODIES * intake.limits().bodyBytes();
        AtomicLong discarded = new AtomicLong();
        request.handler(chunk -> {
            if (discarded.addAndGet(chunk.length()) > limit) {
                request.connection().close();
            }
        });
    }

    private void endEarly(HttpServerRequest request, int status, String detail) {
        discardRest(request);
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(detail + "\n");
    }

    private String tooLarge() {
        return "the body is larger than the limit of " + intake.limits().bodyBytes() + " bytes";
    }

    private static @Nullable BodyEncoding encodingOf(@Nullable String contentType) {
        if (contentType == null) {
            return null;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        for (BodyEncoding encoding : BodyEncoding.values()) {
            if (encoding.contentType().equals(type)) {
                return encoding;
            }
        }
        return null;
    }

    private static String compressionOf(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
    }

    /** 0 when the sender does not say; what arrives is counted all the same. */
    private static long announcedBytes(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (header == null || !header.matches("\\d{1,18}")) {
            return 0;
        }
        return Long.parseLong(header);
    }
}

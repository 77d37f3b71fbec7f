package io.homeostat.telemetry.intake;

import io.vertx.grpc.common.GrpcStatus;

/** Why a request is refused whole, in the order in which it is looked at. */
enum Refusal {
    UNAUTHENTICATED("unauthenticated", 401, GrpcStatus.UNAUTHENTICATED),
    /** Larger than a limit; the same request will never fit, so the sender must not retry. */
    TOO_LARGE("too_large", 413, GrpcStatus.INVALID_ARGUMENT),
    UNSUPPORTED("unsupported", 415, GrpcStatus.UNIMPLEMENTED),
    MALFORMED("malformed", 400, GrpcStatus.INVALID_ARGUMENT),
    /** No room, most likely because Kafka is away; the sender retries later. */
    FULL("full", 503, GrpcStatus.UNAVAILABLE);

    private final String label;
    private final int httpStatus;
    private final GrpcStatus grpcStatus;

    Refusal(String label, int httpStatus, GrpcStatus grpcStatus) {
        this.label = label;
        this.httpStatus = httpStatus;
        this.grpcStatus = grpcStatus;
    }

    /** Value of the metric attribute {@code error.type}. */
    String label() {
        return label;
    }

    int httpStatus() {
        return httpStatus;
    }

    GrpcStatus grpcStatus() {
        return grpcStatus;
    }
}

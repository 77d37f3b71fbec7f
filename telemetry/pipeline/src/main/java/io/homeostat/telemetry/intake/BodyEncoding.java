package io.homeostat.telemetry.intake;

/** How the body of an OTLP request is written. */
enum BodyEncoding {
    PROTOBUF("application/x-protobuf"),
    JSON("application/json");

    private final String contentType;

    BodyEncoding(String contentType) {
        this.contentType = contentType;
    }

    String contentType() {
        return contentType;
    }
}

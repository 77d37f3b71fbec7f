package io.homeostat.deploy.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;

/**
 * Takes OTLP/HTTP, so that nodes under measurement pay for their telemetry as they always do, and keeps of it how often
 * each node measured something: the counts of its histograms. Everything else is forgotten unread.
 *
 * <p>Thread-safe. Walks just enough of the protobuf of OTLP 1.x to find what it wants.
 */
final class OtlpSink implements AutoCloseable {
    private static final int MAX_BODY = 4 << 20;
    private final HttpServer server;
    /** By sender's resource and histogram; bounded by nodes and instruments. */
    private final Map<String, Long> counts = new ConcurrentHashMap<>();

    private OtlpSink(HttpServer server) {
        this.server = server;
    }

    static OtlpSink start() throws IOException {
        OtlpSink sink = new OtlpSink(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        sink.server.createContext("/", sink::accept);
        sink.server.start();
        return sink;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Measurements of the histogram that all nodes have reported since they started. */
    long histogramCount(String name) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("\n" + name))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private void accept(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            InputStream body = exchange.getRequestBody();
            byte[] bytes = (packed ? new GZIPInputStream(body) : body).readNBytes(MAX_BODY);
            if (exchange.getRequestURI().getPath().endsWith("/metrics")) {
                export(new Message(bytes, 0, bytes.length));
            }
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    /** ExportMetricsServiceRequest.resource_metrics (1): resource (1), scope_metrics (2).metrics (2). */
    private void export(Message request) {
        while (request.next()) {
            Message resourceMetrics = request.message();
            String resource = "";
            while (resourceMetrics.next()) {
                if (resourceMetrics.field == 1) {
                    resource = resourceMetrics.message().text();
                } else if (resourceMetrics.field == 2) {
                    Message scope = resourceMetrics.message();
                    while (scope.next()) {
                        if (scope.field == 2) {
                            metric(resource, scope.message());
                        }
                    }
                }
            }
        }
    }

    /** Metric: name (1), histogram (9).data_points (1).count (4, fixed64). */
    private void metric(String resource, Message metric) {
        String name = "";
        while (metric.next()) {
            if (metric.field == 1) {
                name = metric.message().text();
            } else if (metric.field == 9) {
                Message histogram = metric.message();
                long count = 0;
                while (histogram.next()) {
                    if (histogram.field == 1) {
                        Message point = histogram.message();
                        while (point.next()) {
                            count += point.field == 4 ? point.fixed : 0;
                        }
                    }
                }
                counts.put(resource + "\n" + name, count);
            }
        }
    }

    /** Walks the fields of one protobuf message. */
    private static final class Message {
        private final byte[] in;
        private final int end;
        private int at;
        private int from;
        int field;
        long fixed;

        Message(byte[] in, int at, int end) {
            this.in = in;
            this.at = at;
            this.end = end;
        }

        boolean next() {
            if (at >= end) {
                return false;
            }
            int tag = (int) varint();
            field = tag >>> 3;
            from = at;
            switch (tag & 7) {
                case 0 -> varint();
                case 1 -> {
                    fixed = ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
                    at += Long.BYTES;
                }
                case 2 -> {
                    int length = (int) varint();
                    from = at;
                    at += length;
                }
                default -> at += Integer.BYTES;
            }
            return true;
        }

        Message message() {
            return new Message(in, from, at);
        }

        String text() {
            return new String(in, at, end - at, StandardCharsets.UTF_8);
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte b = in[at++];
                value |= (long) (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

package io.homeostat.deploy.chaos;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Takes OTLP/HTTP of the nodes and of their sidecars and keeps each request as it came, in files as the OpenTelemetry
 * Collector's file exporter writes protobuf: 4 bytes of length, big-endian, then the request. Thread-safe.
 */
final class OtlpRecorder implements AutoCloseable {
    private static final int MAX_BODY = 4 << 20;
    /** Requests at once: two senders for each node, three signals each. */
    private static final int THREADS = 8;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final Map<String, DataOutputStream> files = new HashMap<>();
    private long requests;
    private boolean closed;

    private OtlpRecorder(HttpServer server) {
        this.server = server;
    }

    /** @param host address on which the nodes reach this process */
    static OtlpRecorder start(Path folder, String host) throws IOException {
        OtlpRecorder recorder = new OtlpRecorder(HttpServer.create(new InetSocketAddress(host, 0), 0));
        for (String signal : new String[] {"metrics", "traces", "logs"}) {
            recorder.files.put(
                    signal,
                    new DataOutputStream(new BufferedOutputStream(new GZIPOutputStream(
                            Files.newOutputStream(folder.resolve("otlp_" + signal + ".bin.gz"))))));
        }
        recorder.server.createContext("/v1/", recorder::accept);
        recorder.server.setExecutor(recorder.threads);
        recorder.server.start();
        return recorder;
    }

    String url() {
        return "http://" + server.getAddress().getHostString() + ":"
                + server.getAddress().getPort();
    }

    private void accept(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            InputStream body = exchange.getRequestBody();
            byte[] bytes = (packed ? new GZIPInputStream(body) : body).readNBytes(MAX_BODY);
            keep(exchange.getRequestURI().getPath().substring("/v1/".length()), bytes);
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private synchronized void keep(String signal, byte[] bytes) throws IOException {
        DataOutputStream file = files.get(signal);
        if (file != null && !closed) {
            file.writeInt(bytes.length);
            file.write(bytes);
            requests++;
        }
    }

    synchronized long requests() {
        return requests;
    }

    /** The files are complete when this returns. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            for (DataOutputStream file : files.values()) {
                try {
                    file.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("closing a recording", e);
                }
            }
        }
    }
}

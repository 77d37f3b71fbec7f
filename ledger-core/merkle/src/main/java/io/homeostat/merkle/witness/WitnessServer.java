package io.homeostat.merkle.witness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * {@code POST /add-checkpoint} on the JDK's own HTTP server, so that a witness needs one jar and no dependency
 * (docs/adr/0012). Bodies, waiting requests, connections and the time of a request are bounded.
 */
public final class WitnessServer implements AutoCloseable {
    private static final String PATH = "/add-checkpoint";
    private static final int THREADS = 4;
    private static final int WAITING = 64;
    private static final int BACKLOG = 64;

    static {
        // Read once, when the server's classes are loaded: a client that sends a byte a minute holds a thread no
        // longer.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "10");
        System.setProperty("sun.net.httpserver.idleInterval", "30");
        System.setProperty("jdk.httpserver.maxConnections", "256");
    }

    private final Witness witness;
    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    /** Listens at once. */
    public WitnessServer(Witness witness, InetSocketAddress address) throws IOException {
        this.witness = witness;
        this.server = HttpServer.create(address, BACKLOG);
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "witness");
                    thread.setDaemon(true);
                    return thread;
                });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Witness.Reply reply = reply(exchange);
            exchange.getResponseHeaders().set("Content-Type", reply.contentType());
            exchange.sendResponseHeaders(reply.status(), reply.body().length);
            exchange.getResponseBody().write(reply.body());
        }
    }

    private Witness.Reply reply(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestURI().getPath().equals(PATH)) {
            return plain(404, "this witness knows POST " + PATH + " only\n");
        }
        if (!exchange.getRequestMethod().equals("POST")) {
            return plain(405, "send POST\n");
        }
        byte[] body;
        try (InputStream in = exchange.getRequestBody()) {
            body = in.readNBytes(AddCheckpoint.MAX_BYTES + 1);
        }
        if (body.length > AddCheckpoint.MAX_BYTES) {
            return plain(413, "a body has at most " + AddCheckpoint.MAX_BYTES + " bytes\n");
        }
        return witness.addCheckpoint(body);
    }

    private static Witness.Reply plain(int status, String text) {
        return new Witness.Reply(
                status, "text/plain; charset=utf-8", text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

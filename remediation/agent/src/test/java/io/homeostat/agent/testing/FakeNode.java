package io.homeostat.agent.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * The main class of a child process that answers probes like a node. Arguments: port, token, data folder, and perhaps
 * {@code --join}. {@code GET /do/..} makes it sick.
 */
public final class FakeNode {
    private static volatile String gate = "open";
    private static volatile boolean logAlive = true;

    private FakeNode() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        String token = arguments[1];
        Path data = Path.of(arguments[2]);
        Path diary = data.resolveSibling("diary");
        note(diary, "started" + (List.of(arguments).contains("--join") ? " --join" : ""));
        if (Files.exists(data.resolveSibling("die-at-start"))) {
            System.exit(7);
        }
        Files.createDirectories(data);
        Files.writeString(
                data.resolve("state"), "state of " + ProcessHandle.current().pid());
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    Thread.onSpinWait();
                }
                note(diary, "stdin ended");
            } catch (IOException e) {
                note(diary, "stdin failed");
            }
            System.exit(0);
        });
        watch.setDaemon(true);
        watch.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> note(diary, "stopped cleanly")));
        serve(port, token);
        System.out.println("fake node listens with " + Arrays.asList(arguments).size() + " arguments");
    }

    private static void serve(int port, String token) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/control/status", exchange -> {
            boolean admitted =
                    ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, admitted ? 200 : 401, EventCodec.canonicalJson(probe()));
        });
        server.createContext("/do/", exchange -> {
            String what = exchange.getRequestURI().getPath().substring("/do/".length());
            answer(exchange, 200, new byte[0]);
            switch (what) {
                case "exit" -> Runtime.getRuntime().halt(3);
                case "storage-failed" -> Runtime.getRuntime().halt(74);
                case "dead-log" -> logAlive = false;
                default -> gate = what;
            }
        });
        server.start();
    }

    private static NodeProbe probe() {
        return new NodeProbe(
                "n1",
                ProcessHandle.current().pid(),
                "follower",
                "n2",
                3,
                120,
                118,
                100,
                "ab",
                logAlive,
                true,
                true,
                gate,
                "",
                false,
                50);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static void note(Path diary, String line) {
        try {
            Files.write(
                    diary,
                    (line + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

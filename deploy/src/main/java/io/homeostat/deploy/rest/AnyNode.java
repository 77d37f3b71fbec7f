package io.homeostat.deploy.rest;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The ledger's API at whichever node gives an outcome: one that is cut off, isolated, or without a leader is left for the
 * next. Only for requests that may be sent twice. Thread-safe.
 */
public final class AnyNode {
    /** Elections and a leader's loss pass within this time. */
    private static final Duration GIVE_UP = Duration.ofSeconds(30);

    private static final Duration PATIENCE = Duration.ofSeconds(6);
    private static final long PAUSE_MILLIS = 200;

    private final List<Rest> nodes;

    private AnyNode(List<Rest> nodes) {
        this.nodes = List.copyOf(nodes);
    }

    /** @param client with the identity that the nodes ask for */
    public static AnyNode of(HttpClient client, List<String> urls, String token) {
        return new AnyNode(urls.stream()
                .map(url -> Rest.of(client, url, token).within(PATIENCE))
                .toList());
    }

    public Rest.Answer get(String path) throws IOException {
        return first(node -> node.get(path));
    }

    public Rest.Answer post(String path, Object body) throws IOException {
        return first(node -> node.post(path, body));
    }

    public Rest.Answer delete(String path) throws IOException {
        return first(node -> node.delete(path));
    }

    public Rest.Answer put(String path, Object body) throws IOException {
        return first(node -> node.put(path, body));
    }

    @FunctionalInterface
    private interface Call {
        Rest.Answer at(Rest node) throws IOException;
    }

    private Rest.Answer first(Call call) throws IOException {
        long deadline = System.nanoTime() + GIVE_UP.toNanos();
        IOException last = new IOException("no node was asked");
        while (true) {
            for (Rest node : nodes) {
                try {
                    Rest.Answer answer = call.at(node);
                    if (answer.status() != 503 && answer.status() != 504) {
                        return answer;
                    }
                    last = new IOException(answer.request() + " answered " + answer.status() + ": " + answer.reason());
                } catch (IOException e) {
                    last = e;
                }
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("no node gave an outcome within " + GIVE_UP.toSeconds() + " s", last);
            }
            pause();
        }
    }

    private static void pause() throws IOException {
        try {
            var unused = new CountDownLatch(1).await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a node", e);
        }
    }
}

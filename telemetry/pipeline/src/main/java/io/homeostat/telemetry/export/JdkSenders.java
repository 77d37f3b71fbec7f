package io.homeostat.telemetry.export;

import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Gives the SDK's OTLP exporters exactly one HTTP sender, ours, whatever else lies on the class path.
 *
 * <p>All exporters of one SDK share one client and one daemon thread. Thread-safe.
 */
public final class JdkSenders implements ComponentLoader {
    private final HttpClient client;

    public JdkSenders() {
        ThreadPoolExecutor thread = new ThreadPoolExecutor(0, 1, 10, TimeUnit.SECONDS, bounded(), task -> {
            Thread t = new Thread(task, "otlp-send");
            t.setDaemon(true);
            return t;
        });
        this.client = clientOn(thread);
    }

    @Override
    public <T> Iterable<T> load(Class<T> kind) {
        if (kind != HttpSenderProvider.class) {
            return List.of();
        }
        HttpSenderProvider provider = config -> new JdkHttpSender(client, config);
        return List.of(kind.cast(provider));
    }

    private static HttpClient clientOn(ExecutorService thread) {
        // HTTP/1.1: with plain text the JDK client would first try an upgrade to h2c on every new connection.
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(thread)
                .build();
    }

    /** Three exporters with one request each in flight: a few dozen client-internal tasks; 1024 is never reached. */
    private static LinkedBlockingQueue<Runnable> bounded() {
        return new LinkedBlockingQueue<>(1024);
    }
}

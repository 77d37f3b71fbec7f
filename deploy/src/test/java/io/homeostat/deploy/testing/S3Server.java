package io.homeostat.deploy.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** S3Proxy over a folder, a server of other makers that speaks S3, as a process with a class path of its own. */
public final class S3Server implements AutoCloseable {
    public static final String KEY = "test-key";
    public static final String SECRET = "test-secret-that-must-not-be-told";
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(60);
    private final Process process;
    private final int port;

    /** @param folder whose folders are the buckets */
    public S3Server(Path folder, String bucket) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("buckets").resolve(bucket));
        port = Ports.free();
        Path settings = folder.resolve("s3proxy.conf");
        Files.write(
                settings,
                List.of(
                        "s3proxy.authorization=aws-v2-or-v4",
                        "s3proxy.endpoint=http://127.0.0.1:" + port,
                        "s3proxy.identity=" + KEY,
                        "s3proxy.credential=" + SECRET,
                        "jclouds.provider=filesystem-nio2",
                        "jclouds.filesystem.basedir=" + folder.resolve("buckets")));
        Path jar = Path.of(System.getProperty("homeostat.target"), "s3", "s3proxy.jar");
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        jar.toString(),
                        "--properties",
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s3proxy.log").toFile())
                .start();
        awaitPort();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** A credentials file of the usual form. */
    public static Path credentials(Path folder) throws IOException {
        return Files.write(
                folder.resolve("credentials"),
                List.of("[default]", "aws_access_key_id = " + KEY, "aws_secret_access_key = " + SECRET));
    }

    /** The server has no other sign of being there than its port. */
    private void awaitPort() throws InterruptedException {
        long deadline = System.nanoTime() + STARTS_WITHIN.toNanos();
        while (!open()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IllegalStateException("the S3 server did not begin; see s3proxy.log");
            }
            process.waitFor(100, java.util.concurrent.TimeUnit.MILLISECONDS);
        }
    }

    private boolean open() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

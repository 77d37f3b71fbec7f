package io.homeostat.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Real processes: the end of standard input is the end of the child. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ParentGuardTest {
    @Test
    void a_child_lives_while_its_input_is_open_and_stops_in_order_at_its_end() throws Exception {
        Process child = child("orderly");
        awaitReady(child);
        assertThat(child.isAlive()).isTrue();

        child.getOutputStream().close();

        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
        assertThat(new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("closed in order");
    }

    @Test
    void a_child_whose_stop_hangs_is_halted() throws Exception {
        Process child = child("hanging");
        awaitReady(child);

        child.getOutputStream().close();

        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(3);
    }

    private static Process child(String how) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        how))
                .redirectErrorStream(true)
                .start();
    }

    private static void awaitReady(Process child) throws IOException {
        assertThat(child.getInputStream().read()).isEqualTo('R');
    }

    /** What the test starts. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws InterruptedException {
            ParentGuard.start(System.in, Duration.ofMillis(700));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                if (arguments[0].equals("hanging")) {
                    hang();
                }
                System.out.println("closed in order");
            }));
            System.out.print("R");
            System.out.flush();
            new CountDownLatch(1).await();
        }

        private static void hang() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

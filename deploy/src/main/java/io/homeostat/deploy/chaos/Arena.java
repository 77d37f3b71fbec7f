package io.homeostat.deploy.chaos;

import io.homeostat.deploy.process.Distribution;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The lease of a chaos run: it runs as the first process of process, network and mount namespaces of its own. However it ends,
 * the kernel ends every process in there, also stopped ones, and takes down their networks, packet filters and mounts; and
 * it ends when this process does, because its standard input then ends. Nothing outside is ever touched.
 */
public final class Arena {
    private Arena() {}

    /** Runs the command line inside and gives back its exit code. */
    public static int run(Distribution distribution, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("unshare", "--net", "--pid", "--mount", "--fork", "--kill-child=KILL", "--mount-proc", "--"));
        command.addAll(distribution.launcherCommand(arguments));
        Process inside = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread letGo = new Thread(
                () -> {
                    try {
                        inside.getOutputStream().close();
                        inside.waitFor();
                    } catch (IOException e) {
                        inside.destroyForcibly();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "let-go");
        Runtime.getRuntime().addShutdownHook(letGo);
        return inside.waitFor();
    }
}

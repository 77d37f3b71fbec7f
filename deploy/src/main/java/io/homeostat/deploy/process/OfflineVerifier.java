package io.homeostat.deploy.process;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the proof module's verifier in a process of its own, on its jar alone, as an auditor would. */
public final class OfflineVerifier {
    /** A bundle of some hundred thousand transfers takes seconds. */
    private static final long WITHIN_SECONDS = 120;

    private OfflineVerifier() {}

    /** @param verdicts the verifier's JSON; missing when it printed none */
    public record Result(int exitCode, JsonNode verdicts, String output) {
        /** {@code pass}, {@code fail} or {@code unknown}. */
        public String verdict(String name) {
            return verdicts.path(name).asText("unknown");
        }
    }

    public static Result verify(Distribution distribution, Path bundle) throws IOException {
        Process process = new ProcessBuilder(
                        distribution.verifierCommand(List.of("verify", bundle.toString(), "--json")))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(WITHIN_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the verifier of " + bundle + " did not end within " + WITHIN_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IOException("interrupted while verifying " + bundle, e);
        }
        JsonNode verdicts = output.isBlank() ? Rest.JSON.missingNode() : Rest.JSON.readTree(output);
        return new Result(process.exitValue(), verdicts, output);
    }
}

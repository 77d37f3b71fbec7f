package io.homeostat.deploy;

import io.homeostat.approvals.explain.LlmConfig;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.platform.Platform;
import io.homeostat.deploy.process.ParentGuard;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Detector, healer and approvals with the embedded broker, in this process. */
@Command(
        name = "platform",
        description = {
            "Runs detector, healer and approvals with an embedded Kafka broker in this process.",
            "Explanations are written by a template, or by an OpenAI-compatible model when one is named."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat platform --data data --no-parent",
            "  HOMEOSTAT_LLM_URL=http://127.0.0.1:11434/v1 HOMEOSTAT_LLM_MODEL=qwen3 ./homeostat up"
        })
final class PlatformCommand implements Callable<Integer> {
    private static final Duration HALT_AFTER = Duration.ofMillis(4000);

    @Mixin
    private RoleOptions role = new RoleOptions();

    @Option(
            names = "--llm-url",
            paramLabel = "URL",
            defaultValue = "${env:HOMEOSTAT_LLM_URL}",
            description = "base URL of an OpenAI-compatible model, with its version segment")
    private Optional<URI> llmUrl = Optional.empty();

    @Option(
            names = "--llm-model",
            paramLabel = "NAME",
            defaultValue = "${env:HOMEOSTAT_LLM_MODEL}",
            description = "the model's name")
    private Optional<String> llmModel = Optional.empty();

    @Option(
            names = "--llm-key",
            paramLabel = "FILE",
            defaultValue = "${env:HOMEOSTAT_LLM_KEY_FILE}",
            description = "file with the model's API key, when it asks for one")
    private Optional<Path> llmKey = Optional.empty();

    @Mixin
    private AutonomyOption autonomy = new AutonomyOption();

    @Override
    public Integer call() throws Exception {
        ClusterDirectory cluster = role.open(HALT_AFTER);
        if (llmUrl.isPresent() != llmModel.isPresent()) {
            throw new IllegalArgumentException("--llm-url and --llm-model belong together: give both or none");
        }
        Optional<LlmConfig> llm = llmUrl.map(url -> new LlmConfig(url, llmModel.orElseThrow(), llmKey));
        Platform platform = Platform.start(cluster, llm, autonomy.policy());
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ParentGuard.haltAfter(HALT_AFTER);
                            platform.close();
                        },
                        "stop"));
        new CountDownLatch(1).await();
        return 0;
    }
}

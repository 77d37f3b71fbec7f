package io.homeostat.approvals.explain;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * An OpenAI-compatible model, for example one served by vLLM or Ollama inside the bank.
 *
 * @param baseUrl with the version segment, for example {@code http://127.0.0.1:11434/v1}
 * @param apiKeyFile holds the key; empty for servers that ask for none
 */
public record LlmConfig(URI baseUrl, String model, Optional<Path> apiKeyFile) {
    public LlmConfig {
        Objects.requireNonNull(baseUrl, "baseUrl");
        Objects.requireNonNull(apiKeyFile, "apiKeyFile");
        if (model.isBlank()) {
            throw new IllegalArgumentException("model must name the model but is blank");
        }
    }
}

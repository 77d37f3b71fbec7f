package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.deploy.logs.OtlpLogs;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OtlpLogsTest {
    private final List<LogRecordData> sent = new CopyOnWriteArrayList<>();
    private final SdkLoggerProvider provider = SdkLoggerProvider.builder()
            .addLogRecordProcessor(SimpleLogRecordProcessor.create(new LogRecordExporter() {
                @Override
                public CompletableResultCode export(Collection<LogRecordData> records) {
                    sent.addAll(records);
                    return CompletableResultCode.ofSuccess();
                }

                @Override
                public CompletableResultCode flush() {
                    return CompletableResultCode.ofSuccess();
                }

                @Override
                public CompletableResultCode shutdown() {
                    return CompletableResultCode.ofSuccess();
                }
            }))
            .build();

    @Test
    void lines_of_ours_are_sent_with_their_key_values_and_without_secrets() {
        try (OtlpLogs logs = OtlpLogs.install(provider)) {
            LoggerFactory.getLogger("io.homeostat.ledger.Test")
                    .atWarn()
                    .addKeyValue("node", "n1")
                    .addKeyValue("raftIndex", 42)
                    .addKeyValue("controlToken", "abcdefgh-0123")
                    .addKeyValue("header", "Bearer abcdefgh-0123")
                    .setCause(new IllegalStateException("https://ada:hunter2@bank.example is down"))
                    .log("node.told: something");
            LoggerFactory.getLogger("io.homeostat.telemetry.export.Test").warn("the export failed");
            LoggerFactory.getLogger("org.apache.other").warn("a library's line");
            LoggerFactory.getLogger("io.homeostat.ledger.Test").debug("a detail");
        }
        LoggerFactory.getLogger("io.homeostat.ledger.Test").warn("after the end");

        assertThat(sent).hasSize(1);
        LogRecordData line = sent.get(0);
        assertThat(line.getSeverityText()).isEqualTo("WARN");
        assertThat(line.getBodyValue().asString()).isEqualTo("node.told: something");
        assertThat(line.getAttributes().get(AttributeKey.stringKey("node"))).isEqualTo("n1");
        assertThat(line.getAttributes().get(AttributeKey.stringKey("raftIndex")))
                .isEqualTo("42");
        assertThat(line.getAttributes().get(AttributeKey.stringKey("exception.type")))
                .isEqualTo("java.lang.IllegalStateException");
        assertThat(line.toString())
                .doesNotContain("abcdefgh-0123")
                .doesNotContain("hunter2")
                .contains("[excluded]");
    }
}

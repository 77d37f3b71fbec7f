package io.homeostat.deploy.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.logs.LogRecordBuilder;
import io.opentelemetry.api.logs.LoggerProvider;
import io.opentelemetry.api.logs.Severity;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * Gives the lines of our own classes from INFO up to OpenTelemetry, key-values as attributes. The provider's queue is
 * bounded and drops; logging never waits for it.
 *
 * <p>Excluded: keys that name a secret, texts that look like one, and whatever the export itself logs, which would feed on
 * itself. Texts are cut at {@value #MAX_TEXT} characters. Thread-safe.
 */
public final class OtlpLogs extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    static final int MAX_TEXT = 1024;
    static final int MAX_ATTRIBUTES = 32;
    static final String REDACTED = "[excluded]";
    private static final String OURS = "io.homeostat";
    private static final String EXPORT = "io.homeostat.telemetry";
    private static final Set<String> SECRET_WORDS =
            Set.of("token", "secret", "password", "credential", "authorization", "cookie", "privatekey", "passphrase");
    /** A bearer token, a PEM block, or the user and password of a URL. */
    private static final Pattern SECRET_TEXT =
            Pattern.compile("(?i)bearer\\s+[a-z0-9._~+/=-]{8,}|-----BEGIN [A-Z ]+-----|://[^/\\s:@]+:[^/\\s@]+@");

    private static final AttributeKey<String> EXCEPTION_TYPE = AttributeKey.stringKey("exception.type");
    private static final AttributeKey<String> EXCEPTION_MESSAGE = AttributeKey.stringKey("exception.message");

    private final LoggerProvider provider;

    private OtlpLogs(LoggerProvider provider) {
        this.provider = provider;
    }

    /** Begins to send; ends with {@link #close}, which must come before the provider's end. */
    public static OtlpLogs install(LoggerProvider provider) {
        OtlpLogs logs = new OtlpLogs(provider);
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            logs.setContext(context);
            logs.setName("otlp");
            logs.start();
            ours(context).addAppender(logs);
        }
        return logs;
    }

    @Override
    public void close() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            ours(context).detachAppender(this);
        }
        stop();
    }

    private static Logger ours(LoggerContext context) {
        return context.getLogger(OURS);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLevel().isGreaterOrEqual(Level.INFO)
                || event.getLoggerName().startsWith(EXPORT)) {
            return;
        }
        LogRecordBuilder record = provider.get(event.getLoggerName())
                .logRecordBuilder()
                .setTimestamp(event.getTimeStamp(), TimeUnit.MILLISECONDS)
                .setSeverity(severity(event.getLevel()))
                .setSeverityText(event.getLevel().levelStr)
                .setBody(clean(event.getFormattedMessage()));
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        for (int i = 0; pairs != null && i < Math.min(pairs.size(), MAX_ATTRIBUTES); i++) {
            KeyValuePair pair = pairs.get(i);
            record.setAttribute(
                    AttributeKey.stringKey(pair.key), secret(pair.key) ? REDACTED : clean(String.valueOf(pair.value)));
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            record.setAttribute(EXCEPTION_TYPE, thrown.getClassName());
            record.setAttribute(EXCEPTION_MESSAGE, clean(String.valueOf(thrown.getMessage())));
        }
        record.emit();
    }

    private static boolean secret(String key) {
        String plain = key.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        return SECRET_WORDS.stream().anyMatch(plain::contains);
    }

    private static String clean(String text) {
        String cut = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
        return SECRET_TEXT.matcher(cut).replaceAll(REDACTED);
    }

    private static Severity severity(Level level) {
        return level.isGreaterOrEqual(Level.ERROR)
                ? Severity.ERROR
                : level.isGreaterOrEqual(Level.WARN) ? Severity.WARN : Severity.INFO;
    }
}

package io.homeostat.detector.signal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.homeostat.events.Cause;
import io.homeostat.events.Direction;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which OTLP records become which signals, and by which rules. Read from YAML; an unknown key, a missing value or an
 * unknown word is an error that names the signal. Immutable and thread-safe.
 */
public final class SignalCatalog implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String DEFAULT_RESOURCE = "catalog.yaml";
    private static final Set<String> KEYS = Set.of(
            "name",
            "source",
            "metric",
            "unit",
            "statistic",
            "quantile",
            "reading",
            "operation",
            "filter",
            "minSeverity",
            "critical",
            "cause",
            "watch",
            "floor",
            "model",
            "limit",
            "rule");
    private static final Set<String> RULE_KEYS = Set.of("above", "below", "windows", "early", "startGrace", "when");
    private static final Set<String> CONDITION_KEYS = Set.of("signal", "above", "below");

    private final Set<String> services;
    private final List<Signal> signals;
    private final Map<String, Signal> byName;
    private final Map<String, List<Signal>> byMetric;
    private final List<Signal> ofLogs;
    private final List<Signal> ofTemplates;
    private final List<Signal> ofSpans;
    private final List<String> features;
    private final String yaml;
    private final String digest;

    private SignalCatalog(Set<String> services, List<Signal> signals, String yaml) {
        this.services = services;
        this.signals = List.copyOf(signals);
        this.yaml = yaml;
        this.digest = EventCodec.digestOfText(yaml);
        this.byName = new LinkedHashMap<>();
        this.byMetric = new HashMap<>();
        this.ofLogs = new ArrayList<>();
        this.ofTemplates = new ArrayList<>();
        this.ofSpans = new ArrayList<>();
        this.features = new ArrayList<>();
        for (Signal signal : signals) {
            if (byName.put(signal.name(), signal) != null) {
                throw new IllegalArgumentException("signal catalog: name '" + signal.name() + "' is used twice");
            }
            switch (signal.source()) {
                case METRIC ->
                    byMetric.computeIfAbsent(signal.metric(), m -> new ArrayList<>())
                            .add(signal);
                case LOG -> (signal.reading() == Signal.Reading.VALUE ? ofLogs : ofTemplates).add(signal);
                case SPAN -> ofSpans.add(signal);
            }
            if (signal.modelled()) {
                features.add(signal.name());
            }
        }
        for (Signal signal : ofTemplates) {
            Signal first = ofTemplates.get(0);
            if (signal.minSeverity() != first.minSeverity() || !signal.filter().equals(first.filter())) {
                throw bad(
                        signal.name(),
                        "minSeverity and filter must be those of '" + first.name()
                                + "': signals of templates read the same lines");
            }
        }
        for (Signal signal : signals) {
            signal.rule()
                    .ifPresent(rule -> rule.when().forEach(condition -> {
                        if (!byName.containsKey(condition.signal())) {
                            throw new IllegalArgumentException("signal catalog: rule of '" + signal.name()
                                    + "' asks for unknown signal '" + condition.signal() + "'");
                        }
                    }));
        }
        Collections.sort(features);
    }

    /** The catalog in the jar: the ledger's and the sidecar's signals. */
    public static SignalCatalog standard() {
        try (InputStream in = SignalCatalog.class.getResourceAsStream(DEFAULT_RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + DEFAULT_RESOURCE + " is missing in the detector's jar");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("resource " + DEFAULT_RESOURCE + " can not be read", e);
        }
    }

    public static SignalCatalog parse(String yaml) {
        JsonNode root;
        try {
            root = new ObjectMapper(new YAMLFactory()).readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("signal catalog: expected YAML: " + e.getOriginalMessage(), e);
        }
        Set<String> services = new HashSet<>();
        root.path("services").forEach(s -> services.add(s.asText()));
        if (services.isEmpty()) {
            throw new IllegalArgumentException("signal catalog: 'services' must name at least one service.name");
        }
        List<Signal> signals = new ArrayList<>();
        for (JsonNode node : root.path("signals")) {
            signals.add(signal(node));
        }
        if (signals.isEmpty()) {
            throw new IllegalArgumentException("signal catalog: 'signals' must not be empty");
        }
        return new SignalCatalog(Set.copyOf(services), signals, yaml);
    }

    /** True for a {@code service.name} whose telemetry describes nodes. */
    public boolean covers(String service) {
        return services.contains(service);
    }

    public List<Signal> signals() {
        return signals;
    }

    public Optional<Signal> signal(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The signal of a name that is known to be in the catalog. */
    public Signal require(String name) {
        Signal signal = byName.get(name);
        if (signal == null) {
            throw new IllegalArgumentException("signal catalog: expected a known signal but found '" + name + "'");
        }
        return signal;
    }

    /** Names of the modelled signals, sorted: the model's feature order. */
    public List<String> features() {
        return Collections.unmodifiableList(features);
    }

    /** The text that was parsed. */
    public String yaml() {
        return yaml;
    }

    /** Hex SHA-256 of the YAML. */
    public String digest() {
        return digest;
    }

    List<Signal> ofMetric(String metric) {
        return byMetric.getOrDefault(metric, List.of());
    }

    List<Signal> ofLogs() {
        return ofLogs;
    }

    /** Signals of log templates: all of them read the same lines. */
    public List<Signal> ofTemplates() {
        return Collections.unmodifiableList(ofTemplates);
    }

    List<Signal> ofSpans() {
        return ofSpans;
    }

    private static Signal signal(JsonNode node) {
        String name = text(node, "name", "?");
        refuseUnknownKeys(node, KEYS, name);
        Signal.Source source = word(node, "source", Signal.Source.class, Signal.Source.METRIC, name);
        Statistic statistic = word(node, "statistic", Statistic.class, null, name);
        double quantile = node.path("quantile").asDouble(0);
        if (statistic == Statistic.QUANTILE && !(quantile > 0 && quantile < 1)) {
            throw bad(name, "quantile must lie in (0, 1) but is " + quantile);
        }
        Signal.Reading reading = word(node, "reading", Signal.Reading.class, Signal.Reading.VALUE, name);
        Signal.Source fits = switch (reading) {
            case VALUE -> source;
            case FAILED -> Signal.Source.SPAN;
            case NEW_TEMPLATE, TEMPLATE -> Signal.Source.LOG;
        };
        if (source != fits) {
            throw bad(name, "reading " + reading + " is one of a " + fits + " but the source is " + source);
        }
        if (node.has("operation") && source != Signal.Source.SPAN) {
            throw bad(name, "an operation is one of a SPAN but the source is " + source);
        }
        boolean modelled = node.path("model").asBoolean(false);
        double floor = node.path("floor").asDouble(modelled ? Double.NaN : 1);
        if (!(floor > 0)) {
            throw bad(name, "floor must be above 0 for a modelled signal but is " + floor);
        }
        Rule rule = node.has("rule") ? rule(node.path("rule"), name) : null;
        boolean critical = node.path("critical").asBoolean(false);
        if (critical && rule == null) {
            throw bad(name, "a critical signal must have a rule: a model alone never isolates");
        }
        Map<String, String> filter = new TreeMap<>();
        node.path("filter")
                .properties()
                .forEach(e -> filter.put(e.getKey(), e.getValue().asText()));
        return new Signal(
                name,
                source,
                source == Signal.Source.METRIC ? text(node, "metric", name) : "",
                text(node, "unit", name),
                statistic,
                quantile,
                reading,
                node.path("operation").asText(""),
                filter,
                node.path("minSeverity").asInt(0),
                critical,
                word(node, "cause", Cause.class, Cause.DEVIATION, name),
                word(node, "watch", Signal.Watch.class, Signal.Watch.BOTH, name),
                floor,
                modelled,
                node.has("limit") ? node.path("limit").asDouble() : null,
                rule);
    }

    private static Rule rule(JsonNode node, String name) {
        refuseUnknownKeys(node, RULE_KEYS, name);
        List<Rule.Condition> when = new ArrayList<>();
        for (JsonNode condition : node.path("when")) {
            refuseUnknownKeys(condition, CONDITION_KEYS, name);
            Direction side = side(condition, name);
            when.add(new Rule.Condition(text(condition, "signal", name), side, bound(condition, side)));
        }
        Direction side = side(node, name);
        return new Rule(
                side,
                bound(node, side),
                node.path("windows").asInt(1),
                node.path("early").asBoolean(false),
                node.path("startGrace").asBoolean(false),
                when);
    }

    private static Direction side(JsonNode node, String name) {
        if (node.has("above") == node.has("below")) {
            throw bad(name, "exactly one of 'above' and 'below' is expected");
        }
        return node.has("above") ? Direction.ABOVE : Direction.BELOW;
    }

    private static double bound(JsonNode node, Direction side) {
        return node.path(side == Direction.ABOVE ? "above" : "below").asDouble();
    }

    private static String text(JsonNode node, String key, String name) {
        String value = node.path(key).asText("");
        if (value.isEmpty()) {
            throw bad(name, "'" + key + "' is missing");
        }
        return value;
    }

    private static <E extends Enum<E>> E word(
            JsonNode node, String key, Class<E> type, @Nullable E fallback, String name) {
        String value = node.path(key).asText("").toUpperCase(Locale.ROOT);
        if (value.isEmpty() && fallback != null) {
            return fallback;
        }
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(value)) {
                return constant;
            }
        }
        throw bad(name, "'" + key + "' must be one of " + List.of(type.getEnumConstants()) + " but is '" + value + "'");
    }

    private static void refuseUnknownKeys(JsonNode node, Set<String> known, String name) {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw bad(name, "unknown key '" + key + "'; known are " + new java.util.TreeSet<>(known));
            }
        });
    }

    private static IllegalArgumentException bad(String name, String what) {
        return new IllegalArgumentException("signal catalog: signal '" + name + "': " + what);
    }
}

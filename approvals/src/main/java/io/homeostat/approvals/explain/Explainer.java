package io.homeostat.approvals.explain;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Facts to words: the model when one is configured and well, checked sentence by sentence; else, and whenever too little
 * survives, the template. There is always an explanation, and it says who wrote it and why.
 *
 * <p>Used by one thread.
 */
final class Explainer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Explainer.class);
    static final String TEMPLATE = "template";

    private final @Nullable ModelWriter model;
    private final ModelCircuit circuit;
    private final ExplanationCheck check;
    private final ExplainLimits limits;

    Explainer(Optional<LlmConfig> config, InstantSource clock, ExplainLimits limits) {
        this.model = config.map(c -> new ModelWriter(c, limits)).orElse(null);
        this.circuit = new ModelCircuit(clock, limits);
        this.check = new ExplanationCheck(limits);
        this.limits = limits;
    }

    /**
     * @param writer {@code template}, the model's name, or {@code template (MODEL: why)}
     * @param prompt what the model was asked, empty when it was not
     * @param response what it answered, empty when it did not
     */
    record Explanation(
            String writer,
            String text,
            boolean inconclusive,
            List<String> evidenceIds,
            List<String> struckOut,
            String prompt,
            String response) {}

    Explanation explain(Facts facts) {
        if (model == null) {
            return byTemplate(facts, TEMPLATE, List.of(), "", "");
        }
        if (!circuit.allows()) {
            return byTemplate(facts, fallback("circuit open"), List.of(), "", "");
        }
        String prompt = ModelWriter.prompt(facts);
        try {
            ModelWriter.Draft draft = model.write(facts);
            circuit.succeeded();
            ExplanationCheck.Verdict verdict = check.check(draft.sentences(), facts);
            List<String> struckOut = verdict.struckOut().stream()
                    .map(s -> s.text() + " [struck out: " + s.why() + "]")
                    .toList();
            if (!verdict.enough(limits)) {
                return byTemplate(facts, fallback("too little held"), struckOut, prompt, draft.raw());
            }
            return new Explanation(
                    model.model(),
                    text(verdict.kept()),
                    draft.inconclusive() || facts.inconclusive(),
                    cited(verdict.kept()),
                    struckOut,
                    prompt,
                    draft.raw());
        } catch (ModelWriter.ModelFault e) {
            circuit.failed();
            LOG.atWarn().addKeyValue("error.type", e.word()).log("the model gave no explanation, the template does");
            return byTemplate(facts, fallback(e.word()), List.of(), prompt, e.raw());
        }
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
        }
    }

    private String fallback(String why) {
        return model == null ? TEMPLATE : TEMPLATE + " (" + model.model() + ": " + why + ")";
    }

    private static Explanation byTemplate(
            Facts facts, String writer, List<String> struckOut, String prompt, String response) {
        List<Sentence> sentences = ExplanationTemplate.write(facts);
        return new Explanation(
                writer, text(sentences), facts.inconclusive(), cited(sentences), struckOut, prompt, response);
    }

    private static String text(List<Sentence> sentences) {
        return sentences.stream().map(Sentence::text).collect(Collectors.joining(" "));
    }

    private static List<String> cited(List<Sentence> sentences) {
        return sentences.stream().flatMap(s -> s.evidence().stream()).distinct().toList();
    }
}

package io.homeostat.approvals.web;

import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.error.PebbleException;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;

/** Pages from the templates in this jar; every value is escaped unless a template says otherwise, and none does. */
final class Templates {
    private static final int MAX_PAGE_CHARS = 8 << 20;

    private final PebbleEngine engine;

    Templates() {
        ClasspathLoader loader = new ClasspathLoader(Templates.class.getClassLoader());
        loader.setPrefix("templates/approvals");
        loader.setSuffix(".peb");
        this.engine = new PebbleEngine.Builder()
                .loader(loader)
                .autoEscaping(true)
                .strictVariables(true)
                .defaultLocale(Locale.ROOT)
                .maxRenderedSize(MAX_PAGE_CHARS)
                .build();
    }

    String render(String template, Map<String, Object> model) {
        StringWriter page = new StringWriter();
        try {
            engine.getTemplate(template).evaluate(page, model, Locale.ROOT);
        } catch (IOException e) {
            throw new UncheckedIOException("rendering " + template, e);
        } catch (PebbleException e) {
            throw new IllegalStateException("template " + template + " does not fit its model: " + e.getMessage(), e);
        }
        return page.toString();
    }
}

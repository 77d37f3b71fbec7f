package io.homeostat.approvals.web;

import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Style, script and mark, served from this jar: the page asks nobody else for anything. Immutable. */
final class Assets {
    private static final String HTMX = "META-INF/resources/webjars/htmx.org/2.0.10/dist/htmx.min.js";

    private final Map<String, Asset> byName;
    private final String version;

    record Asset(String contentType, byte[] content) {}

    private Assets(Map<String, Asset> byName) {
        this.byName = byName;
        StringBuilder digests = new StringBuilder();
        new TreeMap<>(byName).forEach((name, asset) -> digests.append(EventCodec.sha256Hex(asset.content())));
        this.version = EventCodec.digestOfText(digests.toString()).substring(0, 12);
    }

    static Assets load() {
        return new Assets(Map.of(
                "app.css", new Asset("text/css; charset=utf-8", bytes("assets/approvals/app.css")),
                "app.js", new Asset("text/javascript; charset=utf-8", bytes("assets/approvals/app.js")),
                "passkey.js", new Asset("text/javascript; charset=utf-8", bytes("assets/approvals/passkey.js")),
                "mark.svg", new Asset("image/svg+xml", bytes("assets/approvals/mark.svg")),
                "htmx.js", new Asset("text/javascript; charset=utf-8", bytes(HTMX))));
    }

    Optional<Asset> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Changes with the content, so that assets can be cached for ever. */
    String version() {
        return version;
    }

    private static byte[] bytes(String resource) {
        try (InputStream in = Assets.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("expected the resource " + resource + " in the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + resource, e);
        }
    }
}

package io.homeostat.detector.model;

import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The model inventory on disk: {@code <id>.pb} and beside it {@code <id>.json} with provenance, catalog and digest.
 *
 * <p>A model is found again by its id and refused when its bytes do not match the digest. Nothing is ever deleted here.
 * Used by one thread.
 */
public final class ModelRegistry {
    /**
     * A regime change needs minutes, so that this is years of normal use; more is a fault in training, and the disk must
     * not pay for it.
     */
    static final int MAX_MODELS = 10_000;

    private static final Pattern ID = Pattern.compile("mahalanobis-[0-9a-f]{16}");

    private final Path folder;

    public ModelRegistry(Path folder) {
        this.folder = folder;
    }

    /** Writes the model; a model that is there already is left as it is. */
    public void register(AnomalyModel model) {
        try {
            Files.createDirectories(folder);
            Path binary = folder.resolve(model.id() + ".pb");
            Path card = folder.resolve(model.id() + ".json");
            if (Files.exists(card)) {
                return;
            }
            try (Stream<Path> files = Files.list(folder)) {
                if (files.filter(f -> f.toString().endsWith(".json")).count() >= MAX_MODELS) {
                    throw new IllegalStateException("expected fewer than " + MAX_MODELS + " models in " + folder
                            + "; move old ones to an archive");
                }
            }
            byte[] bytes = model.toBytes();
            Map<String, Object> fields = new TreeMap<>();
            fields.put("id", model.id());
            fields.put("digest", EventCodec.sha256Hex(bytes));
            fields.put("catalogDigest", model.catalogDigest());
            fields.put("provenanceDigest", model.provenanceDigest());
            fields.put(
                    "provenance",
                    EventCodec.readMap(model.provenanceJson().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            write(binary, bytes);
            // The card comes last: a model with a card is complete.
            write(card, EventCodec.canonicalJson(fields));
        } catch (IOException e) {
            throw new UncheckedIOException("model " + model.id() + " can not be written to " + folder, e);
        }
    }

    /** Reads a model back. */
    public AnomalyModel load(SignalCatalog catalog, String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("model id must match " + ID + " but is '" + id + "'");
        }
        try {
            byte[] bytes = Files.readAllBytes(folder.resolve(id + ".pb"));
            Map<String, Object> card = EventCodec.readMap(Files.readAllBytes(folder.resolve(id + ".json")));
            String found = EventCodec.sha256Hex(bytes);
            if (!found.equals(card.get("digest"))) {
                throw new IllegalStateException("model " + id + ": expected digest " + card.get("digest")
                        + " but found " + found + "; the file was changed, do not use it");
            }
            return AnomalyModel.fromBytes(catalog, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("model " + id + " can not be read from " + folder, e);
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, bytes);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}

package io.homeostat.detector.model;

import io.homeostat.detector.model.ModelEntry.State;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The model inventory on disk: {@code <id>.pb} for each model, and {@code registry.jsonl}, which only grows: one {@link
 * ModelEntry} a line, each with the hash of the one before.
 *
 * <p>Only a registered model scores: {@link #admit} refuses bytes whose digest is not in the registry, or whose model is
 * retired. A line that was changed, dropped or moved is found when the registry is read; a cut-off end is not, but for the
 * newest hash that somebody else has. Nothing is ever deleted here. One thread writes; others may read.
 */
public final class ModelRegistry {
    /**
     * A regime change needs minutes, so that this is years of normal use; more is a fault in training, and the disk must
     * not pay for it.
     */
    static final int MAX_ENTRIES = 40_000;
    /** The author of what the job does by itself. */
    public static final String DETECTOR = "detector";

    private static final Pattern ID = Pattern.compile("(mahalanobis|stream)-[0-9a-f]{16}");
    private static final String JOURNAL = "registry.jsonl";
    private static final int MAX_AUTHOR = 200;
    private static final int MAX_REASON = 1_000;

    private final Path folder;

    public ModelRegistry(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes a model and its card as a candidate; a model that is registered already is left as it is.
     *
     * @param at event time
     */
    public void register(String id, byte[] bytes, Map<String, Object> card, String author, Instant at) {
        checkId(id);
        String digest = EventCodec.sha256Hex(bytes);
        List<ModelEntry> entries = entries();
        Optional<ModelEntry> known = newest(entries, id);
        if (known.isPresent()) {
            if (!known.get().digest().equals(digest)) {
                throw new RegistryException("model " + id + " is registered with digest "
                        + known.get().digest() + " but now has " + digest + ": ids must not be used twice");
            }
            return;
        }
        try {
            // The entry comes last: a model with an entry is complete.
            Path part = Files.createDirectories(folder).resolve(id + ".part");
            Files.write(part, bytes);
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(
                    part,
                    folder.resolve(id + ".pb"),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("model " + id + " can not be written to " + folder, e);
        }
        append(entries, at, State.CANDIDATE, id, digest, author, "registered", card);
    }

    /**
     * Makes a registered model what it is from now on. A new champion retires the one before, by the same author.
     *
     * @throws RegistryException when the model is not registered
     */
    public void promote(String id, State state, String author, String reason, Instant at) {
        List<ModelEntry> entries = entries();
        ModelEntry known = newest(entries, id).orElseThrow(() -> unknown(id));
        if (known.state() == state) {
            return;
        }
        if (state == State.CHAMPION) {
            for (ModelEntry other : inventory(entries).values()) {
                if (other.state() == State.CHAMPION) {
                    entries = append(
                            entries,
                            at,
                            State.RETIRED,
                            other.modelId(),
                            other.digest(),
                            author,
                            "replaced by " + id,
                            Map.of());
                }
            }
        }
        append(entries, at, state, id, known.digest(), author, reason, Map.of());
    }

    /**
     * Checks that a model may score.
     *
     * @throws RegistryException when its digest is not the registered one, or it is a candidate or retired
     */
    public void admit(String id, byte[] bytes) {
        ModelEntry known = newest(entries(), id).orElseThrow(() -> unknown(id));
        String digest = EventCodec.sha256Hex(bytes);
        if (!known.digest().equals(digest)) {
            throw new RegistryException("model " + id + ": expected the registered digest " + known.digest()
                    + " but found " + digest + "; it may not score");
        }
        if (known.state() != State.CHAMPION && known.state() != State.CHALLENGER) {
            throw new RegistryException("model " + id + " may not score: it is " + known.state() + " since entry "
                    + known.index() + " by " + known.author());
        }
    }

    /** Reads a registered model back. */
    public AnomalyModel load(SignalCatalog catalog, String id) {
        byte[] bytes = bytes(id);
        ModelEntry known = newest(entries(), id).orElseThrow(() -> unknown(id));
        String found = EventCodec.sha256Hex(bytes);
        if (!found.equals(known.digest())) {
            throw new RegistryException("model " + id + ": expected digest " + known.digest() + " but found " + found
                    + "; the file was changed, do not use it");
        }
        return AnomalyModel.fromBytes(catalog, bytes);
    }

    /**
     * The stored protobuf, for a reader that has the digest from elsewhere. Where the first detectors left a card {@code
     * <id>.json} with the digest, it is checked by that.
     */
    public byte[] bytes(String id) {
        checkId(id);
        try {
            byte[] bytes = Files.readAllBytes(folder.resolve(id + ".pb"));
            Path card = folder.resolve(id + ".json");
            String digest = EventCodec.sha256Hex(bytes);
            if (Files.exists(card)
                    && !digest.equals(
                            EventCodec.readMap(Files.readAllBytes(card)).get("digest"))) {
                throw new RegistryException(
                        "model " + id + " was changed: expected SHA-256 of its card but found " + digest);
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new RegistryException("model " + id + " is missing in " + folder);
        } catch (IOException e) {
            throw new UncheckedIOException("model " + id + " can not be read from " + folder, e);
        }
    }

    /** Newest entry of each model, in the order of registration, with the card of its registration. */
    public List<ModelEntry> inventory() {
        return List.copyOf(inventory(entries()).values());
    }

    /**
     * Every entry, checked.
     *
     * @throws RegistryException at the first line that is not what was written
     */
    public List<ModelEntry> entries() {
        List<String> lines;
        try {
            lines = Files.readAllLines(folder.resolve(JOURNAL), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("the model registry in " + folder + " can not be read", e);
        }
        List<ModelEntry> entries = new ArrayList<>();
        String previous = ModelEntry.GENESIS;
        for (String line : lines) {
            ModelEntry entry;
            try {
                entry = EventCodec.read(line.getBytes(StandardCharsets.UTF_8), ModelEntry.class);
            } catch (IllegalArgumentException e) {
                throw new RegistryException(
                        "entry " + entries.size() + " of " + folder.resolve(JOURNAL) + " is not JSON of an entry");
            }
            boolean inPlace =
                    entry.index() == entries.size() && entry.previous().equals(previous);
            if (!inPlace || !entry.hashOfContent().equals(entry.hash())) {
                throw new RegistryException("entry " + entries.size() + " of " + folder.resolve(JOURNAL)
                        + " was changed, dropped or moved: its hash does not follow from the entry before");
            }
            previous = entry.hash();
            entries.add(entry);
        }
        return entries;
    }

    private List<ModelEntry> append(
            List<ModelEntry> entries,
            Instant at,
            State state,
            String id,
            String digest,
            String author,
            String reason,
            Map<String, Object> card) {
        if (author.isBlank() || author.length() > MAX_AUTHOR || reason.length() > MAX_REASON) {
            throw new RegistryException("an act on a model needs an author of 1 to " + MAX_AUTHOR
                    + " characters and a reason of at most " + MAX_REASON);
        }
        if (entries.size() >= MAX_ENTRIES) {
            throw new RegistryException("expected fewer than " + MAX_ENTRIES + " entries in " + folder.resolve(JOURNAL)
                    + "; move it to an archive");
        }
        String previous = entries.isEmpty()
                ? ModelEntry.GENESIS
                : entries.get(entries.size() - 1).hash();
        ModelEntry entry = ModelEntry.after(entries.size(), previous, at, state, id, digest, author, reason, card);
        byte[] line = (new String(EventCodec.canonicalJson(entry), StandardCharsets.UTF_8) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        Path journal = folder.resolve(JOURNAL);
        try (FileChannel channel = FileChannel.open(
                journal, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            long before = channel.size();
            try {
                ByteBuffer buffer = ByteBuffer.wrap(line);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            } catch (IOException e) {
                // Half a line would make the whole registry unreadable.
                channel.truncate(before);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the model registry " + journal + " can not be written", e);
        }
        List<ModelEntry> longer = new ArrayList<>(entries);
        longer.add(entry);
        return longer;
    }

    private static Map<String, ModelEntry> inventory(List<ModelEntry> entries) {
        Map<String, ModelEntry> newest = new LinkedHashMap<>();
        for (ModelEntry entry : entries) {
            newest.merge(entry.modelId(), entry, (first, later) -> withCard(later, first.card()));
        }
        return newest;
    }

    private static ModelEntry withCard(ModelEntry entry, Map<String, Object> card) {
        return new ModelEntry(
                entry.index(),
                entry.previous(),
                entry.at(),
                entry.state(),
                entry.modelId(),
                entry.digest(),
                entry.author(),
                entry.reason(),
                card,
                entry.hash());
    }

    private static Optional<ModelEntry> newest(List<ModelEntry> entries, String id) {
        return Optional.ofNullable(inventory(entries).get(id));
    }

    private static void checkId(String id) {
        if (!ID.matcher(id).matches()) {
            throw new RegistryException("a model id must match " + ID + " but is '" + id + "'");
        }
    }

    private RegistryException unknown(String id) {
        return new RegistryException("model " + id + " is not in the registry " + folder.resolve(JOURNAL)
                + ": only registered models score");
    }
}

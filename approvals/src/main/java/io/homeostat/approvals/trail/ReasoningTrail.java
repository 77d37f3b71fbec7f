package io.homeostat.approvals.trail;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.merkle.JournalFault;
import io.homeostat.merkle.MerkleLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only record of every incident event, one Merkle leaf per event id.
 *
 * <p>A leaf is the canonical JSON of the event with each free text replaced by its SHA-256; the texts lie in {@link
 * TextStore}, written before the leaf. What has been seen is read back from the log itself when it is opened, so a cut at
 * any point loses nothing that was confirmed and doubles nothing that is delivered again.
 *
 * <p>Thread-safe; one process at a time. The index of leaves (about 400 bytes each) is in memory.
 */
public final class ReasoningTrail implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReasoningTrail.class);

    private final Path leaves;
    private MerkleLog log;
    private final TextStore texts;
    private final TrailAnchors anchors;
    private final TrailLimits limits;
    private final List<TrailEntry> entries = new ArrayList<>();
    private final Map<String, Long> sequenceByEventId = new HashMap<>();
    private final Map<String, List<Long>> sequencesByStory = new HashMap<>();
    private final Map<String, List<Long>> sequencesByCase = new HashMap<>();
    private final List<TrailListener> listeners = new ArrayList<>();

    private ReasoningTrail(Path leaves, TextStore texts, TrailAnchors anchors, TrailLimits limits) {
        this.leaves = leaves;
        this.log = MerkleLog.open(leaves);
        this.texts = texts;
        this.anchors = anchors;
        this.limits = limits;
    }

    /** Opens or creates the trail in {@code folder} and reads every leaf once. */
    public static ReasoningTrail open(Path folder, TrailLimits limits) {
        ReasoningTrail trail = new ReasoningTrail(
                folder.resolve("leaves"),
                new TextStore(folder.resolve("texts"), limits),
                new TrailAnchors(folder.resolve("anchors")),
                limits);
        trail.indexFromLog();
        return trail;
    }

    /**
     * Makes leaves of those events whose id has none yet, durable on return.
     *
     * @return how many leaves were added
     * @throws UncheckedIOException when the disk failed: the log was opened again and the batch can be given again
     */
    public synchronized int append(List<IncidentEvent> batch) {
        List<IncidentEvent> fresh = new ArrayList<>();
        List<byte[]> leavesOf = new ArrayList<>();
        Map<String, Boolean> inBatch = new HashMap<>();
        for (IncidentEvent event : batch) {
            if (sequenceByEventId.containsKey(event.eventId()) || inBatch.put(event.eventId(), true) != null) {
                continue;
            }
            TextRedaction.citedTexts(event).forEach(texts::keep);
            IncidentEvent redacted = TextRedaction.mapTexts(event, texts::keep);
            fresh.add(redacted);
            leavesOf.add(leafOf(redacted));
        }
        if (leavesOf.isEmpty()) {
            return 0;
        }
        long first = log.size();
        try {
            leavesOf.forEach(log::append);
            log.sync();
        } catch (JournalFault e) {
            reopen();
            throw new UncheckedIOException(new IOException("the trail's leaf log failed: " + e.getMessage(), e));
        }
        for (int i = 0; i < fresh.size(); i++) {
            index(first + i, fresh.get(i), EventCodec.sha256Hex(leavesOf.get(i)));
            tellListeners(entries.get(entries.size() - 1), fresh.get(i));
        }
        return fresh.size();
    }

    /** {@code listener} hears of all leaves that exist, then of each new one. */
    public synchronized void listen(TrailListener listener) {
        for (TrailEntry entry : entries) {
            listener.appended(entry, event(entry.sequence()));
        }
        listeners.add(listener);
    }

    public synchronized TrailHead head() {
        return headAt(entries.size());
    }

    public synchronized TrailHead headAt(long size) {
        return new TrailHead(size, HexFormat.of().formatHex(log.rootAt(size)));
    }

    public synchronized long size() {
        return entries.size();
    }

    public synchronized boolean has(String eventId) {
        return sequenceByEventId.containsKey(eventId);
    }

    public synchronized OptionalLong sequenceOf(String eventId) {
        Long sequence = sequenceByEventId.get(eventId);
        return sequence == null ? OptionalLong.empty() : OptionalLong.of(sequence);
    }

    public synchronized Optional<TrailEntry> entry(long sequence) {
        return sequence >= 0 && sequence < entries.size() ? Optional.of(entries.get((int) sequence)) : Optional.empty();
    }

    /** Leaves from {@code from} on, oldest first. */
    public synchronized List<TrailEntry> page(long from, int limit) {
        int start = (int) Math.max(0, Math.min(from, entries.size()));
        int end = Math.min(entries.size(), start + Math.min(limit, limits.maxPage()));
        return List.copyOf(entries.subList(start, end));
    }

    /** Leaves before {@code before}, newest first; {@code storyId} empty means all stories. */
    public synchronized List<TrailEntry> newestBefore(long before, int limit, String storyId) {
        List<TrailEntry> page = new ArrayList<>();
        int wanted = Math.min(limit, limits.maxPage());
        if (storyId.isEmpty()) {
            for (long at = Math.min(before, entries.size()) - 1; at >= 0 && page.size() < wanted; at--) {
                page.add(entries.get((int) at));
            }
            return page;
        }
        List<Long> sequences = sequencesByStory.getOrDefault(storyId, List.of());
        for (int i = sequences.size() - 1; i >= 0 && page.size() < wanted; i--) {
            if (sequences.get(i) < before) {
                page.add(entries.get(sequences.get(i).intValue()));
            }
        }
        return page;
    }

    /** The event as it stands in the leaf: digests in the place of free texts. */
    public synchronized IncidentEvent event(long sequence) {
        return decode(sequence, leaf(sequence));
    }

    /** Leaves from {@code from} on, fewer than {@code limit} where a read's own bounds are reached. */
    public synchronized List<byte[]> leaves(long from, int limit) {
        return log.read(from, limit);
    }

    /** The bytes of the leaf. */
    public synchronized byte[] leaf(long sequence) {
        return log.read(sequence, 1).get(0);
    }

    /** The oldest events of one story in order, texts restored where they still exist. */
    public synchronized List<IncidentEvent> story(String storyId) {
        return restored(sequencesByStory.getOrDefault(storyId, List.of()));
    }

    /** The events that name one approval case, in order, texts restored. */
    public synchronized List<IncidentEvent> ofCase(String caseId) {
        return restored(sequencesByCase.getOrDefault(caseId, List.of()));
    }

    /** Where the story stands: changes with every leaf of the story. */
    public synchronized int storyLength(String storyId) {
        return sequencesByStory.getOrDefault(storyId, List.of()).size();
    }

    /** The event with its texts back in place; an erased text reads {@code [text erased, sha256 ...]}. */
    public IncidentEvent withTexts(IncidentEvent event) {
        return TextRedaction.mapTexts(
                event, digest -> texts.find(digest).orElse("[text erased, sha256 " + digest + "]"));
    }

    /** Sequence in the ledger's journal of the first anchor that covers the leaf; empty while none does. */
    public OptionalLong anchoredAt(long sequence) {
        return anchors.covering(sequence)
                .map(a -> OptionalLong.of(a.ledgerIndex()))
                .orElse(OptionalLong.empty());
    }

    public TextStore texts() {
        return texts;
    }

    @Override
    public synchronized void close() {
        log.close();
    }

    TrailAnchors anchors() {
        return anchors;
    }

    /** Canonical JSON of the event with the member {@code kind}: without it a leaf could not say what it records. */
    static byte[] leafOf(IncidentEvent redacted) {
        Map<String, Object> leaf = EventCodec.readMap(EventCodec.canonicalJson(redacted));
        leaf.put("kind", redacted.kind());
        return EventCodec.canonicalJson(leaf);
    }

    private void tellListeners(TrailEntry entry, IncidentEvent event) {
        for (TrailListener listener : listeners) {
            listener.appended(entry, event);
        }
    }

    /** Indexes the leaves that the log has and the index has not. */
    private void indexFromLog() {
        while (entries.size() < log.size()) {
            for (byte[] leaf : log.read(entries.size(), 1000)) {
                long sequence = entries.size();
                IncidentEvent event = decode(sequence, leaf);
                index(sequence, event, EventCodec.sha256Hex(leaf));
                tellListeners(entries.get((int) sequence), event);
            }
        }
    }

    /** After a write fault: what had reached the disk whole stays and is indexed, the rest is cut. */
    private void reopen() {
        try {
            log.close();
        } catch (JournalFault e) {
            LOG.warn("closing the failed leaf log: {}", e.getMessage());
        }
        log = MerkleLog.open(leaves);
        indexFromLog();
    }

    private List<IncidentEvent> restored(List<Long> sequences) {
        return sequences.stream()
                .limit(limits.maxStoryEvents())
                .map(sequence -> withTexts(event(sequence)))
                .toList();
    }

    private void index(long sequence, IncidentEvent event, String leafDigest) {
        TrailEntry entry = TrailEntry.of(sequence, event, leafDigest);
        entries.add(entry);
        sequenceByEventId.put(event.eventId(), sequence);
        sequencesByStory
                .computeIfAbsent(event.storyId(), s -> new ArrayList<>())
                .add(sequence);
        if (!entry.caseId().isEmpty()) {
            sequencesByCase
                    .computeIfAbsent(entry.caseId(), c -> new ArrayList<>())
                    .add(sequence);
        }
    }

    private static IncidentEvent decode(long sequence, byte[] leaf) {
        try {
            Map<String, Object> fields = EventCodec.readMap(leaf);
            return EventCodec.fromCloudEvent(EventCodec.canonicalJson(
                    Map.of("type", "io.homeostat." + fields.getOrDefault("kind", ""), "data", fields)));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "trail leaf " + sequence + ": expected an incident event; the trail's folder holds something else",
                    e);
        }
    }
}

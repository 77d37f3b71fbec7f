package io.homeostat.detector.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Drain: a tree of fixed depth leads a line by its number of words and its first words to a few templates; the most similar
 * one takes it, words that differ become a star, and a line that none resembles is a new template. A word with a digit is taken
 * for a parameter on the way down, and so is every word at a place with too many different ones.
 *
 * <p>Bounded: when {@link #MAX_TEMPLATES} are known, what resembles none of them is {@link #OTHER} and nothing new. Made of a
 * {@link TemplateState}, which it keeps up to date; used by one thread.
 */
public final class TemplateTree {
    /** Kinds of lines of one node: ours have some tens. */
    public static final int MAX_TEMPLATES = 128;
    /** What is neither known nor remembered. */
    public static final String OTHER = "other";

    static final String STAR = "<*>";
    /** First words that lead the way: Drain's depth of 4 with root and leaf. */
    private static final int DEPTH = 2;
    /** Different words at one place of the way. */
    private static final int MAX_CHILDREN = 32;
    /** Part of the words that must be the same. */
    private static final double SIMILAR = 0.5;

    private final TemplateState state;
    private final Map<String, List<Integer>> leaves = new HashMap<>();
    private final Map<String, Set<String>> children = new HashMap<>();

    public TemplateTree(TemplateState state) {
        this.state = state;
        for (int id = 0; id < state.paths.size(); id++) {
            grow(state.paths.get(id), id);
        }
    }

    /**
     * What became of a line.
     *
     * @param template {@code t} and its number, a blank and its text; or {@link #OTHER}
     * @param fresh true for the first line of a template
     * @param changed true when the state is another one than before
     */
    public record Match(String template, boolean fresh, boolean changed) {}

    /** @param line as {@link io.homeostat.detector.signal.LogLine} makes it */
    public Match take(String line) {
        String[] words = line.split(" ", -1);
        String path = path(words);
        int best = -1;
        double most = 0;
        for (int id : leaves.getOrDefault(path, List.of())) {
            double same = similarity(state.texts.get(id).split(" ", -1), words);
            if (same > most) {
                most = same;
                best = id;
            }
        }
        if (best >= 0 && most >= SIMILAR) {
            String before = state.texts.get(best);
            String merged = merged(before.split(" ", -1), words);
            state.texts.set(best, merged);
            return new Match(name(best, merged), false, !merged.equals(before));
        }
        if (state.paths.size() >= MAX_TEMPLATES) {
            return new Match(OTHER, false, false);
        }
        int id = state.paths.size();
        state.paths.add(path);
        state.texts.add(line);
        grow(path, id);
        return new Match(name(id, line), true, true);
    }

    private static String name(int id, String text) {
        return "t" + id + " " + text;
    }

    private void grow(String path, int id) {
        leaves.computeIfAbsent(path, p -> new ArrayList<>()).add(id);
        String[] steps = path.split(" ", -1);
        String prefix = steps[0];
        for (int i = 1; i < steps.length; i++) {
            children.computeIfAbsent(prefix, p -> new HashSet<>()).add(steps[i]);
            prefix = prefix + " " + steps[i];
        }
    }

    private String path(String[] words) {
        StringBuilder path = new StringBuilder().append(words.length);
        for (int i = 0; i < Math.min(DEPTH, words.length); i++) {
            Set<String> known = children.getOrDefault(path.toString(), Set.of());
            boolean parameter = words[i].chars().anyMatch(Character::isDigit);
            boolean room = known.contains(words[i]) || known.size() < MAX_CHILDREN;
            path.append(' ').append(parameter || !room ? STAR : words[i]);
        }
        return path.toString();
    }

    /** Part of the places at which both have the same word; a star is no word. */
    private static double similarity(String[] template, String[] words) {
        int same = 0;
        for (int i = 0; i < words.length; i++) {
            same += template[i].equals(words[i]) && !words[i].equals(STAR) ? 1 : 0;
        }
        return (double) same / words.length;
    }

    private static String merged(String[] template, String[] words) {
        String[] merged = Arrays.copyOf(template, template.length);
        for (int i = 0; i < words.length; i++) {
            if (!template[i].equals(words[i])) {
                merged[i] = STAR;
            }
        }
        return String.join(" ", merged);
    }
}

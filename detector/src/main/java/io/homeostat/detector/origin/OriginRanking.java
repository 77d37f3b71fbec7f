package io.homeostat.detector.origin;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where an incident began. Harm is counted in absolute units, excess per request times requests, so that what a caller waits for
 * its callees cancels out: a component is suspect for the excess that its callees do not explain. Components that the one with
 * the symptom can not reach through calls are no suspects; one that was never seen before is a change in its caller, not an
 * origin; one that differs later than the symptom counts half.
 *
 * <p>The kind of evidence in which the symptom shows decides; what is certain in other kinds adds a quarter. Stateless.
 */
public final class OriginRanking {
    /** Deviations from the usual scatter at which a difference counts in full. */
    private static final double SURE = 3;
    /** Of the usual level: a smaller scatter is not believed, two windows may agree by chance. */
    private static final double LEAST_SCATTER = 0.1;

    /** Windows since the beginning that are looked at: later ones show how people and machines react. */
    private static final int WINDOWS = 3;

    private static final double LATER = 0.5;
    private static final double OTHER_KIND = 0.25;
    private static final int ENOUGH = 10;
    /** Makes a median absolute deviation a standard deviation, for normal scatter. */
    private static final double NORMAL = 1.4826;

    private OriginRanking() {}

    /**
     * Ranks every component that the symptom's can reach, itself included, most suspect first; ties in the order of names.
     *
     * @param symptom the component where the incident shows
     * @param kind of evidence in which it shows
     */
    public static List<Suspect> rank(String symptom, String kind, List<Component> components) {
        Map<String, Component> byName = new TreeMap<>();
        components.forEach(c -> byName.put(c.name(), c));
        if (!byName.containsKey(symptom)) {
            throw new IllegalArgumentException("the symptom's component " + symptom + " is not among the components");
        }
        Set<String> reached = reached(symptom, byName);
        Map<String, Double> shares = new HashMap<>();
        Map<String, Harm> main = harms(kind, byName);
        share(main, symptom, reached, byName, 1, shares);
        Set<String> kinds = new java.util.TreeSet<>();
        components.forEach(c -> kinds.addAll(c.evidence().keySet()));
        kinds.remove(kind);
        for (String other : kinds) {
            share(harms(other, byName), symptom, reached, byName, OTHER_KIND, shares);
        }
        double total = 0;
        for (double share : new TreeMap<>(shares).values()) {
            total += share;
        }
        List<Suspect> ranked = new ArrayList<>();
        for (String name : byName.keySet()) {
            if (reached.contains(name)) {
                double share = total <= 0 ? 0 : shares.getOrDefault(name, 0.0) / total;
                ranked.add(suspect(name, kind, share, main, byName));
            }
        }
        ranked.sort(Comparator.comparingDouble((Suspect s) -> -s.share())
                // Without any evidence the symptom itself says least about its origin.
                .thenComparing(s -> s.component().equals(symptom))
                .thenComparing(Suspect::component));
        return List.copyOf(ranked);
    }

    private record Harm(double excess, double significance, int onset) {}

    private static Map<String, Harm> harms(String kind, Map<String, Component> components) {
        Map<String, Harm> harms = new TreeMap<>();
        components.forEach((name, component) -> {
            Evidence evidence = component.evidence().get(kind);
            Harm harm = evidence == null ? null : harm(evidence);
            if (harm != null) {
                harms.put(name, harm);
            }
        });
        return harms;
    }

    /** Null when nothing is known of before, or of now. */
    private static @Nullable Harm harm(Evidence evidence) {
        double[] before = finite(evidence.before());
        double[] after = evidence.after();
        double[] volume = evidence.volume();
        double usual = mean(before);
        double scatter = Math.max(deviation(before, usual), robustDeviation(finite(evidence.usual())));
        double noise = Math.max(Math.max(scatter, LEAST_SCATTER * usual), evidence.floor());
        double requests = 0;
        double excess = 0;
        int onset = -1;
        for (int i = 0; i < Math.min(WINDOWS, after.length); i++) {
            if (Double.isFinite(after[i])) {
                double weight = Double.isFinite(volume[i]) ? Math.max(volume[i], 1e-9) : 1e-9;
                requests += weight;
                excess += (after[i] - usual) * weight;
                onset = onset < 0 && after[i] - usual > noise ? i : onset;
            }
        }
        if (before.length == 0 || requests == 0) {
            return null;
        }
        double significance = Math.min(1, Math.max(0, excess / requests / noise) / SURE);
        return new Harm(Math.max(0, excess), significance, onset);
    }

    /** Adds to each reached component its share of the harm of one kind that its callees do not explain. */
    private static void share(
            Map<String, Harm> harms,
            String symptom,
            Set<String> reached,
            Map<String, Component> components,
            double weight,
            Map<String, Double> shares) {
        Harm seen = harms.get(symptom);
        int from = seen == null || seen.onset() < 0 ? Integer.MAX_VALUE : seen.onset();
        Map<String, Double> own = new HashMap<>();
        double total = 0;
        for (Map.Entry<String, Harm> entry : harms.entrySet()) {
            if (reached.contains(entry.getKey())) {
                Harm harm = entry.getValue();
                double left = Math.max(0, harm.excess() - explained(entry.getKey(), harms, components));
                // Of other kinds only what is certain counts: a share of next to nothing is a share too.
                boolean counts = weight == 1 || harm.significance() == 1;
                double value = counts ? left * harm.significance() * (harm.onset() > from ? LATER : 1) : 0;
                own.put(entry.getKey(), value);
                total += value;
            }
        }
        if (total > 0) {
            for (Map.Entry<String, Double> entry : own.entrySet()) {
                shares.merge(entry.getKey(), weight * entry.getValue() / total, Double::sum);
            }
        }
    }

    private static double explained(String name, Map<String, Harm> harms, Map<String, Component> components) {
        Component component = components.get(name);
        double explained = 0;
        if (component != null) {
            for (String callee : new HashSet<>(component.calls())) {
                Harm harm = callee.equals(name) ? null : harms.get(callee);
                explained += harm == null ? 0 : harm.excess() * harm.significance();
            }
        }
        return explained;
    }

    private static Suspect suspect(
            String name, String kind, double share, Map<String, Harm> harms, Map<String, Component> components) {
        Harm harm = harms.get(name);
        if (harm == null) {
            return new Suspect(name, share, 0, 0, 0, -1, "nothing to compare in " + kind);
        }
        double explained = Math.min(harm.excess(), explained(name, harms, components));
        double own = harm.excess() - explained;
        return new Suspect(
                name,
                share,
                own,
                explained,
                harm.significance(),
                harm.onset(),
                String.format(
                        Locale.ROOT,
                        "excess of %s %.4g, of which its callees explain %.4g%s",
                        kind,
                        harm.excess(),
                        explained,
                        harm.onset() < 0
                                ? ""
                                : String.format(Locale.ROOT, "; differs from window %d on", harm.onset())));
    }

    private static Set<String> reached(String symptom, Map<String, Component> components) {
        Set<String> reached = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(symptom));
        while (!open.isEmpty()) {
            String name = open.pop();
            Component component = components.get(name);
            if (component != null && reached.add(name)) {
                component.calls().forEach(open::push);
            }
        }
        return reached;
    }

    private static double[] finite(double[] values) {
        return java.util.Arrays.stream(values).filter(Double::isFinite).toArray();
    }

    private static double mean(double[] values) {
        // In order, and not by a stream's compensated sum: the same bits on every Java.
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return values.length == 0 ? 0 : sum / values.length;
    }

    private static double deviation(double[] values, double mean) {
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return values.length == 0 ? 0 : Math.sqrt(sum / values.length);
    }

    private static double robustDeviation(double[] values) {
        if (values.length <= ENOUGH) {
            return 0;
        }
        double middle = median(values);
        double[] off =
                java.util.Arrays.stream(values).map(v -> Math.abs(v - middle)).toArray();
        return NORMAL * median(off);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}

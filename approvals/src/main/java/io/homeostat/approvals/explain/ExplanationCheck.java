package io.homeostat.approvals.explain;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Strikes out every sentence that the facts do not bear. A sentence stands only when it cites facts that exist; each
 * number in it, in digits or in words, is a number of a fact that it cites, with the same unit where it states one; each
 * word with a digit or a dot in it is a name in the facts; and it gives no advice.
 *
 * <p>It can not tell whether a sentence is wise, only whether its numbers, names and sources are the evidence's. What it
 * does not understand it strikes out. Stateless.
 */
final class ExplanationCheck {
    private static final Pattern NUMBER =
            Pattern.compile("([-+]?)([$€£]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\\.[0-9]+)?([A-Za-zµ%]*)");
    private static final Pattern WITH_INNER_SIGN = Pattern.compile(".*[A-Za-z0-9][._:/@\\\\][A-Za-z0-9].*");
    private static final Pattern READABLE = Pattern.compile("[\\x20-\\x7E–—‘’“”…×≥≤≈%€£µ]*");
    private static final Pattern ADVICE = Pattern.compile(
            "\\b(recommend\\w*|advis\\w*|suggest\\w*|should|must|ought|please|ignore\\w*|disregard\\w*|approve|deny|reject|sign"
                    + "|safe to|go ahead|no need|trust (me|this)|you (can|may|need)|instructions?|system prompt)\\b",
            Pattern.CASE_INSENSITIVE);
    private static final Map<String, Integer> NUMBER_WORDS = Map.ofEntries(
            Map.entry("zero", 0),
            Map.entry("one", 1),
            Map.entry("two", 2),
            Map.entry("three", 3),
            Map.entry("four", 4),
            Map.entry("five", 5),
            Map.entry("six", 6),
            Map.entry("seven", 7),
            Map.entry("eight", 8),
            Map.entry("nine", 9),
            Map.entry("ten", 10),
            Map.entry("eleven", 11),
            Map.entry("twelve", 12),
            Map.entry("thirteen", 13),
            Map.entry("fourteen", 14),
            Map.entry("fifteen", 15),
            Map.entry("sixteen", 16),
            Map.entry("seventeen", 17),
            Map.entry("eighteen", 18),
            Map.entry("nineteen", 19),
            Map.entry("twenty", 20));
    /** Words for numbers that no fact is written in: a sentence with one of them is never kept. */
    private static final Set<String> LARGE_WORDS = Set.of(
            "thirty",
            "forty",
            "fifty",
            "sixty",
            "seventy",
            "eighty",
            "ninety",
            "hundred",
            "hundreds",
            "thousand",
            "thousands",
            "million",
            "millions",
            "billion",
            "billions",
            "trillion",
            "dozen",
            "dozens",
            "half",
            "twice",
            "double",
            "doubled",
            "triple",
            "tripled",
            "thrice",
            "tenfold",
            "quadruple",
            "percent",
            "couple",
            "several");

    private static final Map<String, String> UNITS = Map.ofEntries(
            Map.entry("s", "s"),
            Map.entry("sec", "s"),
            Map.entry("second", "s"),
            Map.entry("seconds", "s"),
            Map.entry("ms", "ms"),
            Map.entry("millisecond", "ms"),
            Map.entry("milliseconds", "ms"),
            Map.entry("us", "us"),
            Map.entry("µs", "us"),
            Map.entry("microseconds", "us"),
            Map.entry("ns", "ns"),
            Map.entry("min", "min"),
            Map.entry("minute", "min"),
            Map.entry("minutes", "min"),
            Map.entry("h", "h"),
            Map.entry("hour", "h"),
            Map.entry("hours", "h"),
            Map.entry("day", "d"),
            Map.entry("days", "d"),
            Map.entry("%", "%"),
            Map.entry("By", "By"),
            Map.entry("byte", "By"),
            Map.entry("bytes", "By"),
            Map.entry("kB", "kB"),
            Map.entry("KB", "kB"),
            Map.entry("MB", "MB"),
            Map.entry("MiB", "MiB"),
            Map.entry("GB", "GB"),
            Map.entry("k", "k"),
            Map.entry("K", "k"),
            Map.entry("m", "m"),
            Map.entry("M", "M"),
            Map.entry("bn", "bn"),
            Map.entry("times", "times"),
            Map.entry("x", "times"),
            Map.entry("fold", "times"));
    private static final Pattern CURRENCY = Pattern.compile("[A-Z][A-Z0-9]{2,11}");
    /** A rounded number must keep this many digits, else it says too little to be compared. */
    private static final int MIN_ROUNDED_DIGITS = 3;

    private final ExplainLimits limits;

    ExplanationCheck(ExplainLimits limits) {
        this.limits = limits;
    }

    /** @param why what did not hold, in words */
    record StruckOut(String text, String why) {}

    record Verdict(List<Sentence> kept, List<StruckOut> struckOut) {
        /** Enough is left to explain something, and most of what was written held. */
        boolean enough(ExplainLimits limits) {
            return kept.size() >= limits.minSentences() && kept.size() >= struckOut.size();
        }
    }

    Verdict check(List<Sentence> sentences, Facts facts) {
        List<Sentence> kept = new ArrayList<>();
        List<StruckOut> struckOut = new ArrayList<>();
        for (Sentence sentence : sentences) {
            Optional<String> fault = faultIn(sentence, facts);
            if (fault.isPresent()) {
                struckOut.add(new StruckOut(sentence.text(), fault.get()));
            } else {
                kept.add(sentence);
            }
        }
        return new Verdict(kept, struckOut);
    }

    private Optional<String> faultIn(Sentence sentence, Facts facts) {
        if (sentence.text().isBlank() || sentence.text().length() > limits.maxSentenceChars()) {
            return Optional.of("empty or longer than " + limits.maxSentenceChars() + " characters");
        }
        if (sentence.evidence().isEmpty()) {
            return Optional.of("cites no evidence");
        }
        List<Evidence> cited = new ArrayList<>();
        for (String id : sentence.evidence()) {
            Evidence found = facts.evidence().stream()
                    .filter(e -> e.id().equals(id))
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                return Optional.of("cites evidence that does not exist");
            }
            cited.add(found);
        }
        String text = Normalizer.normalize(sentence.text(), Normalizer.Form.NFKC);
        if (!READABLE.matcher(sentence.text()).matches()
                || !READABLE.matcher(text).matches()) {
            return Optional.of("has characters that can not be checked");
        }
        Set<String> names = namesIn(facts);
        String withoutNames = without(text, names);
        if (ADVICE.matcher(withoutNames).find()) {
            return Optional.of("gives advice");
        }
        return wordFault(text, cited, names);
    }

    private static Optional<String> wordFault(String text, List<Evidence> cited, Set<String> names) {
        String[] words = text.strip().split("[\\s–—]+", -1);
        for (int i = 0; i < words.length; i++) {
            String word = bare(words[i]);
            if (names.contains(word)) {
                continue;
            }
            for (String part : word.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
                if (LARGE_WORDS.contains(part)) {
                    return Optional.of("states a number in words: " + part);
                }
                Integer value = NUMBER_WORDS.get(part);
                if (value != null && !stated(BigDecimal.valueOf(value), null, cited)) {
                    return Optional.of("the number '" + part + "' is not in the cited evidence");
                }
            }
            boolean digit = word.chars().anyMatch(Character::isDigit);
            if (digit) {
                Optional<String> fault = numberFault(word, i, words, cited);
                if (fault.isPresent()) {
                    return fault;
                }
            } else if (WITH_INNER_SIGN.matcher(word).matches()) {
                return Optional.of("the name '" + word + "' is not in the evidence");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> numberFault(String word, int at, String[] words, List<Evidence> cited) {
        Matcher number = NUMBER.matcher(word);
        if (!number.matches()) {
            return Optional.of("'" + word + "' is neither a number nor a name in the evidence");
        }
        String digits = number.group(3).replace(",", "") + (number.group(4) == null ? "" : number.group(4));
        BigDecimal value = new BigDecimal(number.group(1).equals("-") ? "-" + digits : digits);
        String unit = null;
        String attached = number.group(5);
        if (!attached.isEmpty()) {
            unit = UNITS.getOrDefault(attached, attached);
        } else if (!number.group(2).isEmpty()) {
            unit = Map.of("€", "EUR", "$", "USD", "£", "GBP").get(number.group(2));
        } else if (at + 1 < words.length && !endsClause(words[at])) {
            unit = unitWord(bare(words[at + 1]));
        }
        if (unit == null
                && at > 0
                && CURRENCY.matcher(bare(words[at - 1])).matches()
                && isCurrency(bare(words[at - 1]), cited)) {
            unit = bare(words[at - 1]);
        }
        return stated(value, unit, cited)
                ? Optional.empty()
                : Optional.of(
                        "the number '" + word + (unit == null ? "" : " " + unit) + "' is not in the cited evidence");
    }

    private static @Nullable String unitWord(String word) {
        String unit = UNITS.get(word);
        return unit != null ? unit : word.matches("[A-Z]{3}") ? word : null;
    }

    private static boolean isCurrency(String word, List<Evidence> cited) {
        return word.length() == 3
                || cited.stream()
                        .flatMap(e -> e.quantities().stream())
                        .anyMatch(q -> q.unit().equals(word));
    }

    private static boolean stated(BigDecimal value, @Nullable String unit, List<Evidence> cited) {
        return cited.stream()
                .flatMap(e -> e.quantities().stream())
                .anyMatch(q -> (unit == null || q.unit().equals(unit)) && same(value, q));
    }

    private static boolean same(BigDecimal stated, Evidence.Quantity quantity) {
        BigDecimal fact = quantity.value();
        if (stated.compareTo(fact) == 0 || stated.compareTo(new BigDecimal(quantity.shown())) == 0) {
            return true;
        }
        return stated.stripTrailingZeros().precision() >= MIN_ROUNDED_DIGITS
                && fact.scale() > stated.scale()
                && stated.compareTo(fact.setScale(Math.max(0, stated.scale()), RoundingMode.HALF_UP)) == 0;
    }

    private static Set<String> namesIn(Facts facts) {
        Set<String> names = new HashSet<>();
        names.add(facts.storyId());
        for (Evidence evidence : facts.evidence()) {
            names.add(evidence.id());
            for (Evidence.Name name : evidence.names()) {
                names.addAll(List.of(name.value().split(" ", -1)));
            }
        }
        // A pure number is never a name: it would let any sentence state it.
        names.removeIf(name -> name.isEmpty() || NUMBER.matcher(name).matches());
        return names;
    }

    private static String without(String text, Set<String> names) {
        StringBuilder rest = new StringBuilder();
        for (String word : text.split("\\s+", -1)) {
            // A name may be hostile itself, so only what can not be read as a word of prose is left out.
            String bare = bare(word);
            boolean identifier = names.contains(bare)
                    && bare.matches(".*[0-9._:/].*")
                    && !ADVICE.matcher(bare).find();
            rest.append(identifier ? "_" : word).append(' ');
        }
        return rest.toString();
    }

    private static String bare(String word) {
        return word.replaceAll("^[(\\[\"'‘“<]+", "").replaceAll("[)\\]\"'’”>.,;:!?]+$", "");
    }

    private static boolean endsClause(String word) {
        return word.matches(".*[.,;:!?)]$");
    }
}

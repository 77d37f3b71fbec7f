package io.homeostat.detector.signal;

import java.util.regex.Pattern;

/**
 * A log line as it may be kept: what varies is masked, the rest is bounded printable ASCII without angle brackets, so that no
 * line can look like a mask, break a line or carry control characters. Log text is hostile. Stateless.
 */
public final class LogLine {
    /** More of a line says nothing about its kind. */
    static final int MAX_READ = 512;
    /** Longest masked line. */
    public static final int MAX_CHARS = 240;
    /** Most words of a masked line. */
    public static final int MAX_WORDS = 24;
    /** A longer word is data. */
    static final int MAX_WORD = 40;

    private static final String LONG = "<long>";

    /** Each is linear in the text: no repetition stands inside another one over the same characters. */
    private static final Pattern UUID =
            Pattern.compile("\\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\b");

    private static final Pattern IP = Pattern.compile(
            "\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}(?::\\d{1,5})?\\b|\\b(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{0,4}\\b");
    private static final Pattern HEX =
            Pattern.compile("\\b0[xX][0-9a-fA-F]{1,64}\\b|\\b(?=[a-fA-F]{0,64}[0-9])[0-9a-fA-F]{8,64}\\b");
    private static final Pattern NUMBER = Pattern.compile("(?<![A-Za-z0-9_])[-+]?\\d+(?:[.,:]\\d+)*");
    private static final Pattern BLANKS = Pattern.compile(" +");

    private LogLine() {}

    /** The line with its parameters masked; empty when there is nothing printable in it. */
    public static String masked(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MAX_READ); i++) {
            char c = text.charAt(i);
            plain.append(
                    c == '<'
                            ? '('
                            : c == '>'
                                    ? ')'
                                    : c > ' ' && c < 127 ? c : Character.isISOControl(c) || c == ' ' ? ' ' : '?');
        }
        String masked = UUID.matcher(plain).replaceAll("<uuid>");
        masked = IP.matcher(masked).replaceAll("<ip>");
        masked = HEX.matcher(masked).replaceAll("<hex>");
        masked = NUMBER.matcher(masked).replaceAll("<num>");
        StringBuilder line = new StringBuilder();
        int words = 0;
        for (String word : BLANKS.split(masked.strip())) {
            String kept = word.length() > MAX_WORD ? LONG : word;
            if (words == MAX_WORDS || line.length() + 1 + kept.length() > MAX_CHARS) {
                break;
            }
            line.append(words == 0 ? "" : " ").append(kept);
            words++;
        }
        return line.toString();
    }
}

package io.homeostat.detector.replay;

import java.util.Locale;

/** A value as a person reads it: seconds as ms, bytes as MiB, things as things. */
final class Quantity {
    private static final double MEBI = 1024.0 * 1024;

    private Quantity() {}

    /** @param unit UCUM */
    static String text(double value, String unit) {
        if (unit.equals("s")) {
            return Math.abs(value) < 1 ? number(value * 1_000) + " ms" : number(value) + " s";
        }
        if (unit.equals("By")) {
            return number(value / MEBI) + " MiB";
        }
        String words = unit.equals("1") ? "" : " " + unit.replace("{", "").replace("}", "");
        return number(value) + words;
    }

    private static String number(double value) {
        double size = Math.abs(value);
        String form = size == 0 || size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.01 ? "%.3f" : "%.2e";
        return String.format(Locale.ROOT, form, value);
    }
}

package io.homeostat.approvals.explain;

import io.homeostat.events.codec.EventCodec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One typed fact that may be cited.
 *
 * @param id id of the event that states it
 * @param what kind of fact in one word, for example {@code anomaly}
 * @param names identifiers by field: nodes, signals, accounts, roles; never free text
 * @param quantities numbers with units
 */
record Evidence(String id, String what, List<Name> names, List<Quantity> quantities) {
    Evidence {
        names = List.copyOf(names);
        quantities = List.copyOf(quantities);
    }

    /** An identifier. A value that reads like prose is replaced by a handle: names carry no instructions. */
    record Name(String field, String value) {
        private static final Pattern IDENTIFIER =
                Pattern.compile("[A-Za-z0-9._:/%@+-]{1,64}( [A-Za-z0-9._:/%@+-]{1,32})?");

        static Name of(String field, String value) {
            return new Name(
                    field,
                    IDENTIFIER.matcher(value).matches()
                            ? value
                            : "name-" + EventCodec.digestOfText(value).substring(0, 8));
        }
    }

    /**
     * A number that a sentence may state.
     *
     * @param unit UCUM unit, ISO currency, {@code %}, {@code times}, or empty for a count
     */
    record Quantity(String name, BigDecimal value, String unit) {
        static Quantity measured(String name, double value, String unit) {
            BigDecimal exact = Double.isFinite(value) ? BigDecimal.valueOf(value) : BigDecimal.ZERO;
            return new Quantity(name, exact, unit.equals("1") || unit.startsWith("{") ? "" : unit);
        }

        static Quantity count(String name, long value) {
            return new Quantity(name, BigDecimal.valueOf(value), "");
        }

        /** At most four significant digits, the same for a page and a sentence; whole numbers stay whole. */
        String shown() {
            BigDecimal plain = value.stripTrailingZeros();
            if (plain.scale() > 0) {
                BigDecimal rounded = value.round(new MathContext(4, RoundingMode.HALF_UP));
                if (rounded.scale() < 0) {
                    rounded = value.setScale(0, RoundingMode.HALF_UP);
                }
                plain = rounded.stripTrailingZeros();
            }
            if (plain.scale() < 0) {
                plain = plain.setScale(0);
            }
            return plain.toPlainString();
        }

        String withUnit() {
            return unit.isEmpty() ? shown() : shown() + " " + unit;
        }
    }
}

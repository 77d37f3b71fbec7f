package io.homeostat.deploy.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The postings of a journal in order, as a node serves it at the end: what really happened. Not thread-safe. */
public final class Book {
    private final Map<String, Integer> accounts = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private int count;
    private long[] sequences = new long[1024];
    private long[] high = new long[1024];
    private long[] low = new long[1024];
    private int[] debits = new int[1024];
    private int[] credits = new int[1024];
    private long[] amounts = new long[1024];

    /** @param sequence position of the leaf in the journal */
    public void posting(long sequence, UUID id, String debit, String credit, long amount) {
        if (count == sequences.length) {
            int length = count * 2;
            sequences = Arrays.copyOf(sequences, length);
            high = Arrays.copyOf(high, length);
            low = Arrays.copyOf(low, length);
            debits = Arrays.copyOf(debits, length);
            credits = Arrays.copyOf(credits, length);
            amounts = Arrays.copyOf(amounts, length);
        }
        sequences[count] = sequence;
        high[count] = id.getMostSignificantBits();
        low[count] = id.getLeastSignificantBits();
        debits[count] = ordinal(debit);
        credits[count] = ordinal(credit);
        amounts[count] = amount;
        count++;
    }

    private int ordinal(String account) {
        return accounts.computeIfAbsent(account, name -> {
            names.add(name);
            return names.size() - 1;
        });
    }

    int size() {
        return count;
    }

    long sequence(int i) {
        return sequences[i];
    }

    UUID id(int i) {
        return new UUID(high[i], low[i]);
    }

    String debit(int i) {
        return names.get(debits[i]);
    }

    String credit(int i) {
        return names.get(credits[i]);
    }

    long amount(int i) {
        return amounts[i];
    }

    String describe(int i) {
        return "posting " + id(i) + " " + debit(i) + " -> " + credit(i) + " " + amounts[i] + " at sequence "
                + sequences[i];
    }
}

package io.homeostat.detector.screening;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The screen of one asset: takes its movements in the journal's order, keeps the profiles within their bounds, answers those
 * that wait. The job and the command line call the same methods. Not thread-safe.
 */
final class Screen {
    /** Scores from which a transfer is odd, and odd whatever the load: docs/screening.md says how they were chosen. */
    static final double ODD = 4.0;

    static final double ALWAYS = 9.0;
    private static final int MOST_REASONS = 4;
    /** One transfer in ten is like that: below, a pattern is no reason. */
    private static final double WORTH_TELLING = 1.0;

    private static final long DAY_MICROS = 86_400_000_000L;

    private final ScreeningLimits limits;
    private final TransferScorer scorer;
    private final ReviewBudget budget;

    Screen(ScreeningLimits limits, TransferScorer scorer, ReviewBudget budget) {
        this.limits = limits;
        this.scorer = scorer;
        this.budget = budget;
    }

    /**
     * @param reasons patterns that stand out, the most surprising first
     * @param threshold from which a score was odd
     */
    record Answer(boolean odd, double score, double threshold, Judgement judgement, List<Pattern> reasons) {
        List<String> patternNames() {
            return reasons.stream()
                    .map(p -> p.name().toLowerCase(java.util.Locale.ROOT))
                    .toList();
        }
    }

    /** A row of a file: asked and posted at once, whatever the answer. */
    Answer file(Movement m, ProfileBook book) {
        try {
            AssetState asset = book.asset();
            Accounts accounts = Accounts.of(m, book);
            Answer answer = judge(m, accounts, asset);
            scorer.attempted(m, accounts.payer(), accounts.receiver());
            scorer.posted(m, accounts.payer(), accounts.receiver(), asset);
            store(m, book, accounts, asset);
            return answer;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a book in memory does not fail", e);
        }
    }

    /** A transfer that waits: answered; it teaches nothing but that it was tried. */
    Answer asked(Movement m, ProfileBook book) throws Exception {
        AssetState asset = book.asset();
        Accounts accounts = Accounts.of(m, book);
        Answer answer = judge(m, accounts, asset);
        scorer.attempted(m, accounts.payer(), accounts.receiver());
        store(m, book, accounts, asset);
        return answer;
    }

    /** A transfer that is posted. */
    void posted(Movement m, ProfileBook book) throws Exception {
        AssetState asset = book.asset();
        Accounts accounts = Accounts.of(m, book);
        if (m.kind() == Movement.POSTED) {
            var unused = scorer.score(m, accounts.payer(), accounts.receiver(), asset);
            scorer.attempted(m, accounts.payer(), accounts.receiver());
        }
        scorer.posted(m, accounts.payer(), accounts.receiver(), asset);
        store(m, book, accounts, asset);
    }

    private Answer judge(Movement m, Accounts accounts, AssetState asset) {
        Judgement judgement = scorer.score(m, accounts.payer(), accounts.receiver(), asset);
        double threshold = budget.threshold(asset, m.timeMicros());
        boolean odd = budget.odd(asset, judgement.score(), m.timeMicros()) || !judgement.settled();
        List<Pattern> reasons = new ArrayList<>();
        for (Pattern pattern : Pattern.values()) {
            if (judgement.surprises()[pattern.ordinal()] >= WORTH_TELLING) {
                reasons.add(pattern);
            }
        }
        reasons.sort(Comparator.comparingDouble(p -> -judgement.surprises()[p.ordinal()]));
        return new Answer(
                odd,
                judgement.score(),
                threshold,
                judgement,
                List.copyOf(reasons.subList(0, Math.min(MOST_REASONS, reasons.size()))));
    }

    /** @param added of the two, those that were not remembered */
    private record Accounts(AccountProfile payer, AccountProfile receiver, int added) {
        static Accounts of(Movement m, ProfileBook book) throws Exception {
            AccountProfile payer = book.get(m.debit());
            AccountProfile receiver = book.get(m.credit());
            int added = (payer == null ? 1 : 0) + (receiver == null && m.credit() != m.debit() ? 1 : 0);
            AccountProfile paying = payer == null ? new AccountProfile() : payer;
            AccountProfile receiving = receiver == null ? new AccountProfile() : receiver;
            return new Accounts(paying, m.credit() == m.debit() ? paying : receiving, added);
        }
    }

    private void store(Movement m, ProfileBook book, Accounts accounts, AssetState asset) throws Exception {
        asset.accounts += accounts.added();
        book.put(m.debit(), accounts.payer());
        book.put(m.credit(), accounts.receiver());
        if (asset.accounts > limits.accounts() || m.timeMicros() - asset.sweptMicros > DAY_MICROS) {
            sweep(m.timeMicros(), book, asset);
        }
        book.put(asset);
    }

    /** Forgets who was idle too long; when there are too many, ever shorter idle times until a tenth is free. */
    private void sweep(long nowMicros, ProfileBook book, AssetState asset) throws Exception {
        long idle = limits.idleDays() * DAY_MICROS;
        remove(nowMicros - idle, book, asset);
        while (asset.accounts > limits.accounts() && idle > 1) {
            idle /= 2;
            remove(nowMicros - idle, book, asset);
        }
        asset.sweptMicros = nowMicros;
    }

    private static void remove(long beforeMicros, ProfileBook book, AssetState asset) throws Exception {
        Iterator<Map.Entry<Integer, AccountProfile>> all = book.all();
        while (all.hasNext()) {
            if (all.next().getValue().lastMicros < beforeMicros) {
                all.remove();
                asset.accounts--;
            }
        }
    }
}

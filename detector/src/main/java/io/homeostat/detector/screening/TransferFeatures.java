package io.homeostat.detector.screening;

/**
 * Features of a transfer from the profiles of its two accounts and of its asset, and what it teaches them. Each feature is 0 or
 * more, higher is odder. Only {@link StrictMath} is used: another machine computes the same bits.
 *
 * <p>Stateless but for its limits; the states are the caller's. Thread-safe.
 */
final class TransferFeatures {
    static final int PAYS = 0;
    static final int GETS = 1;
    /** Log distance within which amounts are alike: a factor of two, fees and splits included. */
    static final double ALIKE = 0.7;
    /** Log distance within which amounts are the same payment again. */
    private static final double SAME = 0.1;

    private static final double DAY_MICROS = 86_400e6;
    private static final long HOUR_MICROS = 3_600_000_000L;
    /** Weight of what is usual in the asset against an account's own history, in transfers. */
    private static final double PRIOR = 3;

    private static final double AMOUNT_BINS_PER_E = 10;
    /** An average over transfers forgets half after some 70. */
    private static final double SLOW = 0.01;

    /** Days of history before an hour, or a day of the week, can be unusual: every one must have come several times. */
    private static final double HOURS_KNOWN = 7;

    private static final double WEEKDAYS_KNOWN = 28;
    private static final double NARROWEST = 0.05;
    private static final double FORGET_AT = 400_000;

    private final ScreeningLimits limits;

    TransferFeatures(ScreeningLimits limits) {
        this.limits = limits;
    }

    /** Fills {@code out}, in the order of {@link Pattern}. Changes no state but that counts decay to the transfer's time. */
    void read(Movement m, AccountProfile payer, AccountProfile receiver, AssetState asset, double[] out) {
        decay(payer, m.timeMicros());
        decay(receiver, m.timeMicros());
        double log = StrictMath.log(m.amountMinor());
        boolean payerIsHub = Movement.hub(m.debitClass());
        boolean receiverIsHub = Movement.hub(m.creditClass());
        int corridor = payer.find(m.credit());
        boolean known = corridor >= 0 && payer.paidMicros[corridor] > 0;
        out[Pattern.AMOUNT_PAID.ordinal()] = payerIsHub ? 0 : deviation(log, payer, PAYS, asset);
        out[Pattern.AMOUNT_RECEIVED.ordinal()] = receiverIsHub ? 0 : deviation(log, receiver, GETS, asset);
        out[Pattern.AMOUNT_CORRIDOR.ordinal()] = known ? corridorDeviation(log, payer, corridor, asset) : 0;
        out[Pattern.AMOUNT_RARE.ordinal()] = rarity(log, asset);
        out[Pattern.VELOCITY_PAID.ordinal()] = payerIsHub ? 0 : velocity(payer, PAYS);
        out[Pattern.VELOCITY_RECEIVED.ordinal()] = receiverIsHub ? 0 : velocity(receiver, GETS);
        out[Pattern.REPEATS.ordinal()] = known && same(log, payer, corridor) ? payer.corridorLike[corridor] : 0;
        out[Pattern.NEW_PEER.ordinal()] = known || payerIsHub ? 0 : surpriseOfNew(payer, asset);
        long since = m.timeMicros() - (long) (limits.fanDays() * DAY_MICROS);
        out[Pattern.FAN_OUT.ordinal()] = payerIsHub ? 0 : fan(payer, PAYS, since, m.credit());
        out[Pattern.FAN_IN.ordinal()] = receiverIsHub ? 0 : fan(receiver, GETS, since, m.debit());
        out[Pattern.CYCLE.ordinal()] = payerIsHub || receiverIsHub ? 0 : ring(m, payer, log);
        out[Pattern.PASS_THROUGH.ordinal()] = payerIsHub ? 0 : passThrough(payer, m.amountMinor());
        double daysKnown = payer.paysSinceMicros == 0 ? 0 : (m.timeMicros() - payer.paysSinceMicros) / DAY_MICROS;
        out[Pattern.HOUR.ordinal()] =
                payerIsHub || daysKnown < HOURS_KNOWN ? 0 : unusual(payer.hours, asset.hours, hour(m.timeMicros()));
        out[Pattern.WEEKDAY.ordinal()] = payerIsHub || daysKnown < WEEKDAYS_KNOWN
                ? 0
                : unusual(payer.weekdays, asset.weekdays, weekday(m.timeMicros()));
        out[Pattern.NET_POSITION.ordinal()] = StrictMath.max(
                m.debitClass() == Movement.CLASS_SETTLEMENT ? net(payer, -m.amountMinor()) : 0,
                m.creditClass() == Movement.CLASS_SETTLEMENT ? net(receiver, m.amountMinor()) : 0);
    }

    /** An attempt counts for velocity, whatever becomes of it. */
    void attempted(Movement m, AccountProfile payer, AccountProfile receiver) {
        count(payer, PAYS, m.timeMicros());
        count(receiver, GETS, m.timeMicros());
    }

    /** It is posted: everything else is learnt. */
    void posted(Movement m, AccountProfile payer, AccountProfile receiver, AssetState asset) {
        decay(payer, m.timeMicros());
        decay(receiver, m.timeMicros());
        double log = StrictMath.log(m.amountMinor());
        long since = m.timeMicros() - (long) (limits.fanDays() * DAY_MICROS);
        boolean ordinary = !Movement.hub(m.debitClass()) && !Movement.hub(m.creditClass());
        if (ordinary) {
            trails(m, payer, receiver, log);
        }
        int corridor = payer.find(m.credit());
        boolean first = corridor < 0 || payer.paidMicros[corridor] == 0;
        payer.novelty[PAYS] += rate(payer.number[PAYS]) * ((first ? 1 : 0) - payer.novelty[PAYS]);
        asset.novelty += rate(asset.transfers) * ((first ? 1 : 0) - asset.novelty);
        corridor = payer.findOrAdd(m.credit(), limits.peers());
        payer.corridorLike[corridor] = same(log, payer, corridor) ? payer.corridorLike[corridor] + 1 : 1;
        payer.corridorNumber[corridor]++;
        payer.corridorMean[corridor] +=
                (log - payer.corridorMean[corridor]) / StrictMath.min(payer.corridorNumber[corridor], 20);
        payer.corridorLast[corridor] = log;
        payer.paidMicros[corridor] = m.timeMicros();
        int back = receiver.findOrAdd(m.debit(), limits.peers());
        receiver.receivedMicros[back] = m.timeMicros();
        payer.fan[PAYS] += rate(payer.number[PAYS]) * (payer.fan(PAYS, since) - payer.fan[PAYS]);
        receiver.fan[GETS] += rate(receiver.number[GETS]) * (receiver.fan(GETS, since) - receiver.fan[GETS]);
        learn(payer, PAYS, log, m.amountMinor());
        learn(receiver, GETS, log, m.amountMinor());
        if (m.debitClass() == Movement.CLASS_SETTLEMENT) {
            learnNet(payer, -m.amountMinor());
        }
        if (m.creditClass() == Movement.CLASS_SETTLEMENT) {
            learnNet(receiver, m.amountMinor());
        }
        learnAsset(asset, log);
        payer.paysSinceMicros = payer.paysSinceMicros == 0 ? m.timeMicros() : payer.paysSinceMicros;
        payer.hours = counted(payer.hours, AccountProfile.HOURS, hour(m.timeMicros()));
        payer.weekdays = counted(payer.weekdays, AccountProfile.WEEKDAYS, weekday(m.timeMicros()));
        asset.hours = counted(asset.hours, AccountProfile.HOURS, hour(m.timeMicros()));
        asset.weekdays = counted(asset.weekdays, AccountProfile.WEEKDAYS, weekday(m.timeMicros()));
        asset.transfers++;
    }

    /** Brings decaying counts to that time; time that steps back decays nothing. */
    private void decay(AccountProfile p, long timeMicros) {
        long passed = timeMicros - p.lastMicros;
        if (passed <= 0) {
            return;
        }
        if (p.lastMicros > 0) {
            double days = passed / DAY_MICROS;
            double burst = StrictMath.exp(-days / limits.burstDays());
            double usual = StrictMath.exp(-days / limits.usualDays());
            double flow = StrictMath.exp(-days / limits.fanDays());
            for (int side = PAYS; side <= GETS; side++) {
                p.burst[side] *= burst;
                p.usual[side] *= usual;
                p.flow[side] *= flow;
            }
            p.net *= burst;
            for (int i = 0; i < p.peers; i++) {
                p.corridorLike[i] *= burst;
            }
        }
        p.lastMicros = timeMicros;
    }

    private void count(AccountProfile p, int side, long timeMicros) {
        decay(p, timeMicros);
        p.burst[side]++;
        p.usual[side]++;
    }

    private static void learn(AccountProfile p, int side, double log, long amountMinor) {
        p.number[side]++;
        double step = StrictMath.max(1 / p.number[side], SLOW);
        double off = log - p.mean[side];
        p.mean[side] += step * off;
        p.spread[side] += step * (off * off - p.spread[side]);
        p.flow[side] += amountMinor;
    }

    private static void learnNet(AccountProfile p, double change) {
        p.net += change;
        p.netSquare += SLOW * (p.net * p.net - p.netSquare);
    }

    private static void learnAsset(AssetState asset, double log) {
        double step = StrictMath.max(1.0 / (asset.transfers + 1), SLOW / 10);
        double off = log - asset.mean;
        asset.mean += step * off;
        asset.square += step * (off * off - asset.square);
        asset.amounts[amountBin(log)]++;
        if (++asset.amountCount > FORGET_AT) {
            asset.amountCount = halve(asset.amounts);
        }
    }

    /** What lies at the payer and is like this amount goes on to the receiver, one hop further; the payer begins a trail. */
    private void trails(Movement m, AccountProfile payer, AccountProfile receiver, double log) {
        long oldest = m.timeMicros() - (long) (limits.trailDays() * DAY_MICROS);
        for (int i = 0; i < payer.trails; i++) {
            boolean goesOn = payer.leftMicros[i] >= oldest
                    && payer.hops[i] < limits.hops()
                    && payer.origin[i] != m.credit()
                    && StrictMath.abs(payer.trailLog[i] - log) < ALIKE;
            if (goesOn) {
                receiver.addTrail(
                        payer.origin[i], payer.leftMicros[i], payer.hops[i] + 1, payer.trailLog[i], limits.trails());
            }
        }
        receiver.addTrail(m.debit(), m.timeMicros(), 1, log, limits.trails());
    }

    /** How alike the amount is that left the receiver and comes back now; rings of two, which are refunds, count little. */
    private double ring(Movement m, AccountProfile payer, double log) {
        long oldest = m.timeMicros() - (long) (limits.trailDays() * DAY_MICROS);
        double best = 0;
        for (int i = 0; i < payer.trails; i++) {
            double off = StrictMath.abs(payer.trailLog[i] - log);
            if (payer.origin[i] == m.credit() && payer.leftMicros[i] >= oldest && off < ALIKE) {
                double age = (m.timeMicros() - payer.leftMicros[i]) / (limits.trailDays() * DAY_MICROS);
                best = StrictMath.max(best, (1 - off / ALIKE) * (2 - age) * (payer.hops[i] > 1 ? 1 : 0.25));
            }
        }
        return best;
    }

    private static double deviation(double log, AccountProfile p, int side, AssetState asset) {
        double n = p.number[side];
        double mean = (n * p.mean[side] + PRIOR * asset.mean) / (n + PRIOR);
        double square = (n * p.spread[side] + PRIOR * asset.square) / (n + PRIOR);
        return StrictMath.abs(log - mean) / StrictMath.sqrt(square + NARROWEST);
    }

    private static double corridorDeviation(double log, AccountProfile payer, int corridor, AssetState asset) {
        double weight = payer.corridorNumber[corridor] / (payer.corridorNumber[corridor] + 1);
        double square = (payer.number[PAYS] * payer.spread[PAYS] + PRIOR * asset.square) / (payer.number[PAYS] + PRIOR);
        return weight * StrictMath.abs(log - payer.corridorMean[corridor]) / StrictMath.sqrt(square + NARROWEST);
    }

    private static boolean same(double log, AccountProfile payer, int corridor) {
        return payer.corridorNumber[corridor] > 0 && StrictMath.abs(log - payer.corridorLast[corridor]) < SAME;
    }

    /** How thin the asset's amounts are around this one, in decimal orders. */
    private static double rarity(double log, AssetState asset) {
        int bin = amountBin(log);
        double near = 0;
        for (int i = StrictMath.max(0, bin - 2); i <= StrictMath.min(AssetState.AMOUNT_BINS - 1, bin + 2); i++) {
            near += asset.amounts[i];
        }
        return -StrictMath.log10((near + 1) / (asset.amountCount + 1));
    }

    private double velocity(AccountProfile p, int side) {
        double expected = p.usual[side] * limits.burstDays() / limits.usualDays();
        return StrictMath.max(0, (p.burst[side] + 1 - expected) / StrictMath.sqrt(expected + 1) - 1);
    }

    private static double fan(AccountProfile p, int side, long since, int other) {
        int at = p.find(other);
        long[] times = side == PAYS ? p.paidMicros : p.receivedMicros;
        boolean counted = at >= 0 && times[at] > 0 && times[at] >= since;
        double breadth = p.fan(side, since) + (counted ? 0 : 1);
        return StrictMath.max(0, (breadth - p.fan[side]) / StrictMath.sqrt(p.fan[side] + 1) - 1);
    }

    private static double surpriseOfNew(AccountProfile payer, AssetState asset) {
        double n = payer.number[PAYS];
        double p = (n * payer.novelty[PAYS] + PRIOR * asset.novelty + 0.1) / (n + PRIOR + 0.1);
        return -StrictMath.log10(StrictMath.min(1, p));
    }

    /** Near 1 when what goes out now is about what came in lately, and the account paid little else. */
    private static double passThrough(AccountProfile payer, long amountMinor) {
        double in = payer.flow[GETS];
        if (in <= 0) {
            return 0;
        }
        return StrictMath.max(0, 1 - StrictMath.abs(StrictMath.log((payer.flow[PAYS] + amountMinor) / in)) / ALIKE);
    }

    private static double unusual(double[] own, double[] all, int slot) {
        double allTotal = total(all);
        double population = (all[slot] + 1) / (allTotal + all.length);
        double p = own.length == 0 ? population : (own[slot] + PRIOR * 2 * population) / (total(own) + PRIOR * 2);
        return -StrictMath.log10(StrictMath.min(1, p));
    }

    private static double net(AccountProfile p, double change) {
        double after = p.net + change;
        return p.netSquare <= 0 ? 0 : StrictMath.abs(after) / StrictMath.sqrt(p.netSquare);
    }

    private static double[] counted(double[] slots, int size, int slot) {
        double[] grown = slots.length == 0 ? new double[size] : slots;
        grown[slot]++;
        if (grown[slot] > FORGET_AT) {
            halve(grown);
        }
        return grown;
    }

    static double halve(double[] counts) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            counts[i] /= 2;
            sum += counts[i];
        }
        return sum;
    }

    private static double total(double[] counts) {
        double sum = 0;
        for (double count : counts) {
            sum += count;
        }
        return sum;
    }

    private static double rate(double number) {
        return StrictMath.max(1 / (number + 1), SLOW);
    }

    private static int amountBin(double log) {
        return StrictMath.max(0, StrictMath.min(AssetState.AMOUNT_BINS - 1, (int) (log * AMOUNT_BINS_PER_E)));
    }

    private static int hour(long timeMicros) {
        return (int) Math.floorMod(Math.floorDiv(timeMicros, HOUR_MICROS), (long) AccountProfile.HOURS);
    }

    /** 0 is a Thursday, as 1 January 1970 was. */
    private static int weekday(long timeMicros) {
        return (int) Math.floorMod(Math.floorDiv(timeMicros, (long) DAY_MICROS), (long) AccountProfile.WEEKDAYS);
    }
}

package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeLimits;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** A request is refused only when there was no room at some moment while it asked, whoever else was being refused then. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public class AdmissionLincheckTest {
    /** There is room for one of these. */
    private static final long BYTES = LedgerNodeLimits.DEFAULTS.bodyBytesInFlight();

    private final Admission admission = new Admission(LedgerNodeLimits.DEFAULTS);

    @Operation
    public int enter() {
        try {
            admission.enter("a", BYTES, LoadClass.CONTROL);
            return 200;
        } catch (Problem refused) {
            return refused.status();
        }
    }

    /** One thread leaves, so what it saw inside stays inside until then. */
    @Operation(nonParallelGroup = "leaver")
    public boolean leave() {
        if (admission.inFlight() == 0) {
            return false;
        }
        admission.leave("a", BYTES);
        return true;
    }

    @Test
    void nobody_is_refused_because_of_somebody_who_was_not_let_in() {
        new ModelCheckingOptions()
                .iterations(8)
                .invocationsPerIteration(60)
                .threads(3)
                .actorsPerThread(2)
                .check(AdmissionLincheckTest.class);
    }
}

package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.homeostat.ledger.LedgerNodeLimits;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AdmissionTest {
    private static final LedgerNodeLimits LIMITS = LedgerNodeLimits.DEFAULTS;
    private final Admission admission = new Admission(LIMITS);

    private int refusal(String principal, long bytes) {
        Problem problem =
                catchThrowableOfType(Problem.class, () -> admission.enter(principal, bytes, LoadClass.CONTROL));
        assertThat(problem.answer().headers()).containsExactly("Retry-After", "1");
        return problem.status();
    }

    private void enter(String principal, int times) {
        for (int i = 0; i < times; i++) {
            admission.enter(principal, 0, LoadClass.CONTROL);
        }
    }

    @Test
    void one_principal_gets_its_share_and_429_beyond_it() {
        enter("a", LIMITS.requestsInFlightPerPrincipal());

        assertThat(refusal("a", 0)).isEqualTo(429);
        admission.leave("a", 0);
        admission.enter("a", 0, LoadClass.CONTROL);
    }

    @Test
    void all_together_get_the_limit_and_503_beyond_it() {
        enter("a", LIMITS.requestsInFlightPerPrincipal());
        enter("b", LIMITS.requestsInFlight() - LIMITS.requestsInFlightPerPrincipal());

        assertThat(refusal("c", 0)).isEqualTo(503);
        assertThat(admission.inFlight()).isEqualTo(LIMITS.requestsInFlight());
    }

    @Test
    void bodies_together_are_bounded_in_bytes() {
        admission.enter("a", LIMITS.bodyBytesInFlight(), LoadClass.CONTROL);

        assertThat(refusal("b", 1)).isEqualTo(503);
        admission.enter("b", 0, LoadClass.CONTROL);
        assertThat(admission.inFlight()).isEqualTo(2);
    }

    @Test
    void what_is_cheapest_to_give_up_is_given_up_first() {
        int filled = 0;
        for (LoadClass load : LoadClass.values()) {
            long most = load.of(LIMITS.requestsInFlight());
            for (; filled < most; filled++) {
                admission.enter("p" + filled % 8, 0, load);
            }
            Problem shed = catchThrowableOfType(Problem.class, () -> admission.enter("other", 0, load));
            assertThat(shed.status()).as(load.name()).isEqualTo(503);
            assertThat(shed.answer().headers()).containsExactly("Retry-After", "1");
        }
        assertThat(filled).isEqualTo(LIMITS.requestsInFlight());
    }

    @Test
    void bodies_of_new_transfers_leave_room_for_those_that_end_something() {
        admission.enter("a", LoadClass.WRITE.of(LIMITS.bodyBytesInFlight()), LoadClass.WRITE);

        assertThat(catchThrowableOfType(Problem.class, () -> admission.enter("b", 1, LoadClass.WRITE))
                        .status())
                .isEqualTo(503);
        admission.enter("b", 1, LoadClass.SETTLE);
        admission.enter("b", 0, LoadClass.WRITE);
    }
}

package io.homeostat.healer.act;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.healer.testing.FakeControlledSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls over real sockets. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class HttpLedgerIT {
    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private FakeControlledSystem system;

    @BeforeEach
    void open() throws Exception {
        system = new FakeControlledSystem();
        FakeControlledSystem.tokens(directory);
    }

    @AfterEach
    void close() {
        system.close();
        threads.shutdownNow();
    }

    @Test
    void a_node_that_accepts_and_never_answers_costs_one_hedge_and_not_its_time_limit() {
        HttpLedger ledger = ledger(ActLimits.defaults());
        ledger.nodes("n3");
        system.hang("n1");

        long before = System.nanoTime();
        Reply<Long> reply = ledger.isolate("n3", "inc-1", "CRASH");

        assertThat(reply).isEqualTo(new Reply.Done<>(41L));
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isLessThan(ActLimits.defaults().isolateTimeout());
    }

    @Test
    void a_considered_no_is_a_value_and_a_ledger_that_is_away_a_retryable_fault() {
        HttpLedger ledger = ledger(ActLimits.defaults());
        system.quorumAtRisk(true);
        assertThat(ledger.isolate("n3", "inc-1", "CRASH"))
                .isInstanceOfSatisfying(
                        Reply.Refused.class, no -> assertThat(no.reason()).isEqualTo("quorum_at_risk"));

        system.ledgerAway(true);
        assertThatThrownBy(() -> ledger.nodes("n3"))
                .isInstanceOfSatisfying(
                        ActFault.class, e -> assertThat(e.kind()).isEqualTo(ActFault.Kind.RETRYABLE))
                .hasMessageContaining("n1 status 503")
                .hasMessageContaining("n3 status 503");
    }

    @Test
    void the_sick_node_is_never_asked_what_was_attested() {
        ledger(patient()).attestations("n2");

        assertThat(system.looks("/v1/attestations")).isEqualTo(1);
        system.crash("n1");
        system.crash("n3");
        assertThatThrownBy(() -> ledger(ActLimits.defaults()).attestations("n2"))
                .isInstanceOf(ActFault.class);
    }

    @Test
    void an_answer_over_the_bound_is_refused_and_one_at_the_bound_is_read() {
        ActLimits d = ActLimits.defaults();
        assertThatThrownBy(() -> ledger(bounded(d, 20)).nodes("n3"))
                .isInstanceOf(ActFault.class)
                .hasMessageContaining("larger than the limit of 20 bytes");
        assertThat(ledger(bounded(d, 4096)).nodes("n3").nodes()).hasSize(3);
    }

    @Test
    void a_changed_token_file_is_read_again_after_a_401() throws Exception {
        Path file = directory.resolve("remediation.token");
        Files.writeString(file, "old-token");
        HttpLedger ledger = ledger(ActLimits.defaults());
        assertThatThrownBy(() -> ledger.nodes("n3"))
                .isInstanceOfSatisfying(
                        ActFault.class, e -> assertThat(e.kind()).isEqualTo(ActFault.Kind.PERMANENT))
                .hasMessageNotContaining("old-token");

        Files.writeString(file, FakeControlledSystem.LEDGER_TOKEN);
        assertThat(ledger.nodes("n3").nodes()).hasSize(3);
    }

    @Test
    void a_token_file_that_is_empty_or_has_two_lines_is_refused_by_name() throws Exception {
        for (String content : List.of("", "one\ntwo")) {
            Path file = Files.writeString(directory.resolve("bad.token"), content);
            assertThatThrownBy(() -> new BearerToken(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bad.token");
        }
    }

    private HttpLedger ledger(ActLimits limits) {
        BearerToken token = new BearerToken(directory.resolve("remediation.token"));
        return new HttpLedger(system.endpoints(), new JsonHttp(token, limits, threads), limits);
    }

    /** On a slow machine the first node's answer may take long, and a second one is asked: here only one shall be. */
    private static ActLimits patient() {
        Duration minute = Duration.ofMinutes(1);
        return new ActLimits(minute, minute, minute, minute, minute, 4096);
    }

    private static ActLimits bounded(ActLimits d, int bytes) {
        return new ActLimits(
                d.connectTimeout(), d.readTimeout(), d.writeTimeout(), d.isolateTimeout(), d.hedgeDelay(), bytes);
    }
}

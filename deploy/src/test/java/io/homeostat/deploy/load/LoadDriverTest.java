package io.homeostat.deploy.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LoadDriverTest {
    private final FakeLedger ledger = new FakeLedger();

    @Test
    void every_account_is_made_once_before_it_is_used_and_the_outside_world_is_external() {
        try (LoadDriver load = driver(row("CASH", "A1"), row("A1", "A2"), row("A2", "KL:77"))) {
            assertThat(load.bulk(100)).isEqualTo(3);
        }

        assertThat(ledger.made).extracting(TransferDoor.Account::id).containsExactly("CASH", "A1", "A2", "KL:77");
        assertThat(ledger.made)
                .filteredOn(account -> account.kind() == TransferDoor.AccountKind.EXTERNAL)
                .extracting(TransferDoor.Account::id)
                .containsExactly("CASH", "KL:77");
    }

    @Test
    void only_what_was_acknowledged_is_remembered() {
        ledger.rejectTransfersTo = "A2";
        try (LoadDriver load = driver(row("CASH", "A1"), row("A1", "A2"), row("A1", "A3"))) {
            load.bulk(100);

            assertThat(load.counts()).isEqualTo(new LoadDriver.Counts(3, 2, 1, 0));
            assertThat(load.acknowledged()).isEqualTo(ledger.posted);
        }
    }

    @Test
    void a_bulk_takes_as_many_as_it_was_told_and_leaves_the_rest() {
        try (LoadDriver load = driver(row("a", "b"), row("a", "b"), row("a", "b"))) {
            assertThat(load.bulk(2)).isEqualTo(2);
            assertThat(load.bulk(2)).isEqualTo(1);
            assertThat(load.bulk(2)).isZero();
        }
    }

    @Test
    void a_failure_of_the_steady_load_comes_out_when_counts_are_asked_for() throws InterruptedException {
        ledger.failure = new IllegalStateException("the ledger is gone");
        try (LoadDriver load = driver(row("a", "b"), row("a", "b"))) {
            load.steady(1000);
            assertThat(ledger.asked.await(10, TimeUnit.SECONDS)).isTrue();

            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            assertThatThrownBy(() -> {
                        while (System.nanoTime() < deadline) {
                            load.counts();
                        }
                    })
                    .hasMessageContaining("the ledger is gone");
        }
    }

    private LoadDriver driver(TransferRow... rows) {
        Iterator<TransferRow> source = List.of(rows).iterator();
        LoadDriver load = new LoadDriver(
                ledger, () -> source.hasNext() ? Optional.of(source.next()) : Optional.empty(), UUID::randomUUID);
        return load;
    }

    private static TransferRow row(String from, String to) {
        return new TransferRow(from, to, 100, "EUR");
    }

    private static final class FakeLedger implements TransferDoor {
        private final List<Account> made = new ArrayList<>();
        private final Set<String> known = new HashSet<>();
        private final Set<UUID> posted = new HashSet<>();
        private final CountDownLatch asked = new CountDownLatch(1);
        private String rejectTransfersTo = "";
        private RuntimeException failure;

        @Override
        public void create(List<Account> accounts) {
            made.addAll(accounts);
            accounts.forEach(account -> known.add(account.id()));
        }

        @Override
        public List<Verdict> offer(List<Offer> batch) {
            asked.countDown();
            if (failure != null) {
                throw failure;
            }
            List<Verdict> verdicts = new ArrayList<>();
            for (Offer offer : batch) {
                assertThat(known).contains(offer.row().from(), offer.row().to());
                boolean rejected = offer.row().to().equals(rejectTransfersTo);
                verdicts.add(rejected ? Verdict.REJECTED : Verdict.ACKNOWLEDGED);
                if (!rejected) {
                    posted.add(offer.id());
                }
            }
            return verdicts;
        }
    }
}

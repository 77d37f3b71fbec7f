package io.homeostat.approvals.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.ledger.LedgerLimits;
import io.homeostat.approvals.testing.Eventually;
import io.homeostat.approvals.testing.FakeLedger;
import io.homeostat.approvals.testing.Stories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TrailAnchoringTest {
    private static final TrailLimits LIMITS =
            new TrailLimits(1 << 20, 500, 200, Duration.ofMillis(100), Duration.ofMillis(400));
    private final FakeLedger ledger = new FakeLedger();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    @TempDir
    Path folder;

    private ReasoningTrail trail;
    private TrailAnchoring anchoring;

    @BeforeEach
    void open() throws IOException {
        trail = ReasoningTrail.open(folder.resolve("trail"), LIMITS);
        Path token = Files.writeString(folder.resolve("token"), FakeLedger.TOKEN);
        anchoring = new TrailAnchoring(
                trail,
                new LedgerClient(List.of(ledger.uri()), token, LedgerLimits.defaults()),
                FakeLedger.NAME,
                scheduler,
                LIMITS);
        trail.listen(anchoring);
    }

    @AfterEach
    void close() {
        scheduler.shutdownNow();
        trail.close();
        ledger.close();
    }

    @Test
    void many_events_share_one_anchor_soon_after_growth() {
        trail.append(Stories.untilPlanned("1", "n2", Stories.START));
        trail.append(Stories.healed("1", "n2", Stories.START));

        Eventually.holds(
                "leaf 11 is anchored",
                Duration.ofSeconds(2),
                () -> trail.anchoredAt(11).isPresent());
        assertThat(ledger.anchors())
                .containsExactly(trail.head().size() + " " + trail.head().rootHex());
    }

    @Test
    void a_ledger_that_is_away_gets_the_newest_head_when_it_is_back() {
        ledger.goAway();
        trail.append(Stories.untilPlanned("1", "n2", Stories.START));
        Eventually.holds("a try", Duration.ofSeconds(3), () -> ledger.requests().contains("POST /v1/anchors"));
        trail.append(Stories.healed("1", "n2", Stories.START));

        ledger.comeBack();

        Eventually.holds(
                "leaf 11 is anchored",
                Duration.ofSeconds(5),
                () -> trail.anchoredAt(11).isPresent());
        assertThat(ledger.anchors()).contains("12 " + trail.head().rootHex());
    }

    @Test
    void a_head_that_stands_in_the_ledger_is_not_anchored_again_also_after_a_restart() throws IOException {
        trail.append(Stories.untilPlanned("1", "n2", Stories.START));
        Eventually.holds(
                "anchored", Duration.ofSeconds(2), () -> trail.anchoredAt(3).isPresent());
        TrailAnchoring.AnchoredHead head = anchoring.anchorNow();
        assertThat(head.head().size()).isEqualTo(4);

        trail.close();
        open();
        TrailAnchoring.AnchoredHead again = anchoring.anchorNow();

        assertThat(again).isEqualTo(head);
        assertThat(ledger.anchors()).hasSize(1);
    }

    @Test
    void the_empty_trail_needs_no_anchor() {
        assertThat(anchoring.anchorNow().ledgerIndex()).isEqualTo(-1);
        assertThat(ledger.anchors()).isEmpty();
    }
}

package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.GENESIS;
import static io.homeostat.ledger.state.LedgerFixture.START;
import static io.homeostat.ledger.state.LedgerFixture.sha;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.merkle.ApprovalSignature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CommandCodecTest {
    static final List<Command> ONE_OF_EACH = List.of(
            new Command.Begin(GENESIS.body()),
            new Command.CreateAccount("ACC:1.a_b-c", "EUR", 18, AccountClass.SUSPENSE, true),
            new Command.CreateTransfer(new UUID(-1, 5), "a", "b", "A23456789012", Long.MIN_VALUE, true, -1, "Shop@x"),
            new Command.PostHold(new UUID(1, 2), Long.MAX_VALUE, "shop"),
            new Command.VoidHold(new UUID(3, 4), "shop"),
            new Command.OpenRecoveryCase("recovery:r1", sha("plan"), "wipe", "healer"),
            new Command.Approve("transfer:x", sha("p"), true, "t1", -7, sha("r"), new byte[64]),
            new Command.ScreeningVerdict(new UUID(5, 6), sha("p"), true, "d1", 9, sha("e"), new byte[64]),
            LedgerFixture.policy("x", 1, GENESIS.tiers()),
            LedgerFixture.keys("x", new KeyChange.Revoke("t1")),
            new Command.IsolateNode("n1", "inc-1", "drift of 5 \u20ac"),
            new Command.AdmitNode("n1", "inc-1"),
            new Command.Attest("n1", 42, sha("state")),
            new Command.AnchorTrail("test-ledger/trail", 9, sha("root")),
            new Command.SetMaintenance("new disks \u20ac", 600, "ops"),
            new Command.Tick(),
            new Command.CreateAccount("debts", "USD", 0, AccountClass.SETTLEMENT, false, true),
            new Command.CreateDatedTransfer(transfer(new UUID(8, 1), "a", "b", 5), 19_700),
            new Command.CreateLegs(
                    new UUID(8, 2),
                    List.of(new Command.Leg("a", "EUR", -5), new Command.Leg("b", "EUR", 5)),
                    Command.NO_DAY,
                    "shop"),
            new Command.ReverseTransfer(new UUID(8, 3), new UUID(8, 2), Command.ReversalReason.FRAUD, -9, "shop"));

    @Test
    void every_command_comes_back_as_it_was() {
        Command.Batch batch = new Command.Batch(START, ONE_OF_EACH);

        byte[] entry = CommandCodec.encode(batch);
        Command.Batch back = CommandCodec.decode(entry);

        assertThat(CommandCodec.encode(back)).isEqualTo(entry);
        assertThat(back).usingRecursiveComparison().isEqualTo(batch);
    }

    @Test
    void the_stored_entry_of_version_1_is_what_is_written() throws IOException {
        String file = System.getProperty("golden.entry", "");
        if (!file.isEmpty()) {
            java.nio.file.Files.writeString(
                    java.nio.file.Path.of(file),
                    HexFormat.of()
                                    .formatHex(CommandCodec.encode(new Command.Batch(START, ONE_OF_EACH)))
                                    .replaceAll("(.{120})", "$1\n")
                            + "\n");
        }
        try (InputStream in = CommandCodecTest.class.getResourceAsStream("/golden/entry-v1.hex")) {
            String golden = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");

            assertThat(HexFormat.of().formatHex(CommandCodec.encode(new Command.Batch(START, ONE_OF_EACH))))
                    .isEqualTo(golden);
        }
    }

    @Test
    void the_stored_entry_has_every_kind_of_command() throws IOException {
        try (InputStream in = CommandCodecTest.class.getResourceAsStream("/golden/entry-v1.hex")) {
            String golden = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");

            assertThat(CommandCodec.decode(java.util.HexFormat.of().parseHex(golden))
                            .commands())
                    .extracting(command -> (Object) command.getClass())
                    .contains((Object[]) Command.class.getPermittedSubclasses());
        }
    }

    @Test
    void a_buffer_at_an_offset_decodes_like_an_array_whether_direct_or_not() {
        byte[] entry = CommandCodec.encode(new Command.Batch(START, ONE_OF_EACH));
        ByteBuffer heap = ByteBuffer.wrap(new byte[entry.length + 9])
                .position(9)
                .put(entry)
                .position(9);
        ByteBuffer direct = ByteBuffer.allocateDirect(entry.length).put(entry).flip();

        assertThat(CommandCodec.encode(CommandCodec.decode(heap))).isEqualTo(entry);
        assertThat(CommandCodec.encode(CommandCodec.decode(direct))).isEqualTo(entry);
        assertThat(heap.position()).isEqualTo(9);
    }

    @Test
    void the_stamp_changes_the_time_and_nothing_else() {
        byte[] entry = CommandCodec.encode(new Command.Batch(0, ONE_OF_EACH));
        byte[] expected = CommandCodec.encode(new Command.Batch(START, ONE_OF_EACH));
        ByteBuffer within =
                ByteBuffer.allocate(entry.length + 3).position(3).put(entry).position(3);

        CommandCodec.stamp(entry, START);
        CommandCodec.stamp(within, START);

        assertThat(entry).isEqualTo(expected);
        assertThat(Arrays.copyOfRange(within.array(), 3, 3 + entry.length)).isEqualTo(expected);
        assertThat(within.position()).isEqualTo(3);
    }

    @Test
    void an_entry_that_is_cut_anywhere_or_goes_on_is_refused() {
        byte[] entry = CommandCodec.encode(new Command.Batch(START, ONE_OF_EACH));

        for (int length = 0; length < entry.length; length++) {
            byte[] cut = Arrays.copyOf(entry, length);
            assertThatThrownBy(() -> CommandCodec.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> CommandCodec.decode(Arrays.copyOf(entry, entry.length + 1)))
                .hasMessageContaining("behind its last command");
    }

    @Test
    void a_changed_byte_is_refused_or_gives_another_entry_but_nothing_else_is_thrown() {
        byte[] entry = CommandCodec.encode(new Command.Batch(START, ONE_OF_EACH));
        Random random = new Random(11);
        int refused = 0;

        for (int i = 0; i < 20_000; i++) {
            byte[] changed = entry.clone();
            int at = random.nextInt(entry.length);
            changed[at] ^= (byte) (1 + random.nextInt(255));
            try {
                // What is accepted has one encoding only, so the change is still there.
                assertThat(CommandCodec.encode(CommandCodec.decode(changed))).isEqualTo(changed);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isBetween(1000, 19_999);
    }

    @Test
    void a_field_at_its_limit_is_taken_and_one_beyond_is_refused_by_name() {
        encode(transfer(new UUID(0, 1), "a".repeat(64), "b", 1));

        refused("debit", transfer(new UUID(0, 1), "a".repeat(65), "b", 1));
        refused("debit", transfer(new UUID(0, 1), "", "b", 1));
        refused("credit", transfer(new UUID(0, 1), "a", "b b", 1));
        refused("credit", transfer(new UUID(0, 1), "a", "\u00e9", 1));
        refused("asset", new Command.CreateAccount("a", "EU", 2, AccountClass.FEE, false));
        refused("asset", new Command.CreateAccount("a", "1EU", 2, AccountClass.FEE, false));
        refused("exponent", new Command.CreateAccount("a", "EUR", 19, AccountClass.FEE, false));
        refused("exponent", new Command.CreateAccount("a", "EUR", -1, AccountClass.FEE, false));
        refused("caseId", new Command.OpenRecoveryCase("transfer:1", sha("x"), "wipe", "healer"));
        refused("caseId", new Command.OpenRecoveryCase("recovery:", sha("x"), "wipe", "healer"));
        refused("payloadDigest", new Command.OpenRecoveryCase("recovery:a", new byte[31], "wipe", "healer"));
        refused("signature", new Command.Approve("c", sha("p"), true, "k", 1, sha("r"), new byte[63]));
        refused(
                "signature",
                new Command.Approve("c", sha("p"), true, "k", 1, sha("r"), new byte[ApprovalSignature.MAX_BYTES + 1]));
        refused("caseId", new Command.ProposeChange("transfer:x", 1, new byte[] {0, 0}, "admin"));
        refused("caseId", new Command.ProposeChange("policy:", 1, new byte[] {0, 0}, "admin"));
        refused("baseVersion", new Command.ProposeChange("keys:x", 1, new KeyChange.Revoke("k").body(), "admin"));
        refused("key change", new Command.ProposeChange("keys:x", 0, new byte[] {9}, "admin"));
        refused("policy body", new Command.ProposeChange("policy:x", 1, new byte[] {0, 1}, "admin"));
        encode(new Command.IsolateNode("n1", "i", "r".repeat(512)));
        refused("reason", new Command.IsolateNode("n1", "i", "r".repeat(513)));
        refused("reason", new Command.IsolateNode("n1", "i", "\ud800"));
        refused("raftIndex", new Command.Attest("n1", -1, sha("x")));
        refused("genesis body", new Command.Begin(new byte[0]));
    }

    @Test
    void an_entry_takes_as_many_commands_as_the_limit_says() {
        List<Command> most = Collections.nCopies(CommandCodec.MAX_COMMANDS, new Command.Tick());
        List<Command> more = Collections.nCopies(CommandCodec.MAX_COMMANDS + 1, new Command.Tick());

        assertThat(CommandCodec.decode(CommandCodec.encode(new Command.Batch(0, most)))
                        .commands())
                .hasSize(CommandCodec.MAX_COMMANDS);
        assertThatThrownBy(() -> CommandCodec.encode(new Command.Batch(0, more)))
                .hasMessageContaining("16384");
    }

    private static void refused(String field, Command command) {
        assertThatThrownBy(() -> encode(command))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(field);
    }

    private static void encode(Command command) {
        CommandCodec.decode(CommandCodec.encode(new Command.Batch(START, List.of(command))));
    }
}

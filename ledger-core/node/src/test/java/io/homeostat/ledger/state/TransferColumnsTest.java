package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.account;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.Command.CreateDatedTransfer;
import io.homeostat.ledger.state.Command.CreateTransfer;
import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferColumnsTest {
    private static final String[] ACCOUNTS = {"ada", "bob", "bank", "usd", "owed", "kron", "late-1", "nobody"};
    private static final String[] ASSETS = {"EUR", "USD", "SEK", "NIL"};

    @TempDir
    Path directory;

    /** A dated transfer without a day is the same transfer, and goes the way of objects. */
    @Test
    void transfers_without_objects_are_decided_and_written_as_those_that_are_objects() {
        try (Replica columns = begun("columns");
                Replica objects = begun("objects")) {
            Random random = new Random(11);
            List<CreateTransfer> sent = new ArrayList<>();
            Set<Reason> seen = EnumSet.noneOf(Reason.class);
            for (int round = 0; round < 400; round++) {
                List<Command> transfers = new ArrayList<>();
                List<Command> dated = new ArrayList<>();
                for (int i = random.nextInt(8); i >= 0; i--) {
                    if (random.nextInt(40) == 0) {
                        // Made by the entry that uses it: it is not there when the entry's accounts are looked for.
                        Command.CreateAccount late = account("late-" + random.nextInt(3), "EUR", false);
                        transfers.add(late);
                        dated.add(late);
                    }
                    CreateTransfer transfer = transfer(random, sent);
                    sent.add(transfer);
                    transfers.add(transfer);
                    dated.add(new CreateDatedTransfer(transfer, Command.NO_DAY));
                }
                List<Command.Outcome> outcomes = columns.applyAll(transfers.toArray(new Command[0]));
                assertThat(objects.applyAll(dated.toArray(new Command[0]))).isEqualTo(outcomes);
                outcomes.forEach(outcome -> seen.add(outcome.reason()));
                columns.now += 1000;
                objects.now += 1000;
            }

            assertThat(columns.ledger.root()).isEqualTo(objects.ledger.root());
            assertThat(columns.ledger.sums()).isEqualTo(objects.ledger.sums());
            for (String account : ACCOUNTS) {
                assertThat(columns.ledger.account(account)).isEqualTo(objects.ledger.account(account));
            }
            assertThat(seen)
                    .contains(
                            Reason.OK,
                            Reason.DUPLICATE,
                            Reason.ID_CONFLICT,
                            Reason.AMOUNT_MUST_BE_POSITIVE,
                            Reason.ACCOUNTS_MUST_DIFFER,
                            Reason.DEBIT_ACCOUNT_NOT_FOUND,
                            Reason.CREDIT_ACCOUNT_NOT_FOUND,
                            Reason.ASSET_MISMATCH,
                            Reason.AMOUNT_OVERFLOWS,
                            Reason.INSUFFICIENT_FUNDS,
                            Reason.CREDITS_EXCEED_DEBITS,
                            Reason.TIMEOUT_OUT_OF_RANGE);
        }
    }

    @Test
    void an_entry_gives_back_each_command_and_the_fingerprint_of_each_transfer() {
        Random random = new Random(12);
        AccountTable accounts = new AccountTable();
        List<CreateTransfer> sent = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            if (i % 9 == 0) {
                commands.add(new Command.Tick());
            }
            CreateTransfer transfer = transfer(random, sent);
            sent.add(transfer);
            commands.add(transfer);
        }

        Entry entry = Entry.of(new Command.Batch(7, commands));
        TransferColumns columns = new TransferColumns();
        columns.read(entry, accounts);

        assertThat(entry.timeMicros()).isEqualTo(7);
        assertThat(entry.count()).isEqualTo(commands.size());
        for (int i = 0; i < commands.size(); i++) {
            assertThat(entry.command(i)).isEqualTo(commands.get(i));
            assertThat(entry.isTransfer(i)).isEqualTo(commands.get(i) instanceof CreateTransfer);
            if (commands.get(i) instanceof CreateTransfer transfer) {
                assertThat(new UUID(columns.idHigh(i), columns.idLow(i))).isEqualTo(transfer.id());
                assertThat(columns.fingerprint(i)).isEqualTo(Mix.of(transfer));
                assertThat(columns.amount(i)).isEqualTo(transfer.amount());
                assertThat(columns.debit(i)).isEqualTo(AccountTable.NONE);
            }
        }
    }

    /** The mix stands in snapshots: however its last bytes are read, they are this number. */
    @Test
    void a_text_has_the_same_mix_wherever_it_stands() {
        Random random = new Random(5);
        for (int length = 0; length <= 64; length++) {
            byte[] text = new byte[length];
            random.nextBytes(text);
            byte[] among = new byte[100];
            random.nextBytes(among);
            System.arraycopy(text, 0, among, 20, length);
            long hash = length;
            int whole = length / 8 * 8;
            for (int i = 0; i < whole; i += 8) {
                hash = (hash
                                ^ ByteBuffer.wrap(text)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .getLong(i))
                        * 0x9fb21c651e98df25L;
                hash ^= hash >>> 32;
            }
            long rest = 0;
            for (int i = whole; i < length; i++) {
                rest = rest << 8 | text[i] & 0xff;
            }
            long expected = Mix.mix((hash ^ rest) * 0x9fb21c651e98df25L);

            assertThat(Mix.text(text, 0, length)).isEqualTo(expected);
            assertThat(Mix.text(among, 20, length)).isEqualTo(expected);
        }
    }

    private Replica begun(String folder) {
        Replica replica = new Replica(directory.resolve(folder)).withAccounts();
        replica.apply(new Command.CreateAccount("owed", "EUR", 2, Command.AccountClass.EXTERNAL, false, true));
        replica.apply(account("kron", "SEK", false));
        for (String account : List.of("ada", "bob")) {
            replica.apply(LedgerFixture.transfer(new UUID(0, account.hashCode()), "bank", account, 9_000));
        }
        return replica;
    }

    private static CreateTransfer transfer(Random random, List<CreateTransfer> sent) {
        if (!sent.isEmpty() && random.nextInt(12) == 0) {
            CreateTransfer again = sent.get(random.nextInt(sent.size()));
            return random.nextBoolean()
                    ? again
                    : LedgerFixture.transfer(again.id(), again.debit(), again.credit(), again.amount() + 1);
        }
        boolean hold = random.nextInt(8) == 0;
        long amount = switch (random.nextInt(12)) {
            case 0 -> -random.nextInt(3);
            case 1 -> Long.MAX_VALUE - random.nextInt(1000);
            case 2 -> 10_000 + random.nextInt(90_000);
            default -> 1 + random.nextInt(400);
        };
        return new CreateTransfer(
                new UUID(random.nextLong(), random.nextLong()),
                ACCOUNTS[random.nextInt(ACCOUNTS.length)],
                ACCOUNTS[random.nextInt(ACCOUNTS.length)],
                ASSETS[random.nextInt(8) == 0 ? random.nextInt(ASSETS.length) : 0],
                amount,
                hold,
                random.nextInt(6) == 0 ? random.nextInt(1000) - 3 : 0,
                random.nextInt(5) == 0 ? "client:2" : "shop");
    }
}

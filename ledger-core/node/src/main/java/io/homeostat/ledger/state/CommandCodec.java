package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.merkle.ApprovalSignature;
import io.homeostat.merkle.ChangePayload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Commands as they travel in a Raft entry.
 *
 * <pre>
 * u8 version = 1 | i64 timeMicros (set by the leader, offset 1) | u32 count | count commands
 * command: u8 tag | fields in the order of the record
 * text: u8 length and ASCII; the reason of an isolation and a genesis body: u16 / u32 length and bytes
 * </pre>
 *
 * Both directions check the same rules, so that whatever is proposed can be decoded by every replica and nothing that can
 * be decoded makes the ledger fail. Stateless and thread-safe. A batch of 1000 transfers has about 80 kB.
 */
public final class CommandCodec {
    /** Bytes before the first command, the time stamp among them. */
    public static final int HEADER_BYTES = 13;

    /** Twice of what one entry is allowed to carry; a larger count is damage. */
    public static final int MAX_COMMANDS = 16_384;

    private static final byte VERSION = 1;
    private static final int TIME_OFFSET = 1;
    /** Beyond the year 70 000, and far enough below 2^63 that adding an expiry can not overflow. */
    private static final long MAX_TIME_MICROS = 1L << 61;

    private static final int BEGIN = 1;
    private static final int CREATE_ACCOUNT = 2;
    static final int CREATE_TRANSFER = 3;
    private static final int POST_HOLD = 4;
    private static final int VOID_HOLD = 5;
    private static final int OPEN_RECOVERY_CASE = 6;
    private static final int APPROVE = 7;
    private static final int ISOLATE_NODE = 8;
    private static final int ADMIT_NODE = 9;
    private static final int ATTEST = 10;
    private static final int ANCHOR_TRAIL = 11;
    private static final int TICK = 12;
    private static final int PROPOSE_CHANGE = 50;
    private static final int SCREENING_VERDICT = 51;

    private static final int SET_MAINTENANCE = 70;

    private static final int DIGEST_BYTES = 32;
    private static final int MAX_EXPONENT = 18;
    private static final AccountClass[] CLASSES = AccountClass.values();

    private CommandCodec() {}

    /** @throws IllegalArgumentException naming the field that {@link #decode} would refuse */
    public static byte[] encode(Command.Batch batch) {
        if (batch.commands().size() > MAX_COMMANDS) {
            throw new IllegalArgumentException("an entry has at most " + MAX_COMMANDS + " commands but this has "
                    + batch.commands().size());
        }
        CommandOutput out =
                new CommandOutput(HEADER_BYTES + 96 * batch.commands().size());
        out.u8(VERSION);
        out.i64(requireTime(batch.timeMicros()));
        out.i32(batch.commands().size());
        for (Command command : batch.commands()) {
            write(out, command);
        }
        return out.toByteArray();
    }

    /**
     * Commands of one request, to be put into an entry by {@link #entry}.
     *
     * @throws IllegalArgumentException naming the field that {@link #decode} would refuse
     */
    public static EncodedCommands encodeAll(List<Command> commands) {
        CommandOutput out = new CommandOutput(96 * commands.size());
        for (Command command : commands) {
            write(out, command);
        }
        return new EncodedCommands(out.toByteArray(), commands.size());
    }

    /** An entry of several requests' commands in order, its time still to be {@linkplain #stamp stamped}. */
    public static byte[] entry(List<EncodedCommands> requests) {
        int bytes = HEADER_BYTES;
        int count = 0;
        for (EncodedCommands request : requests) {
            bytes += request.bytes().length;
            count += request.count();
        }
        if (count > MAX_COMMANDS) {
            throw new IllegalArgumentException(
                    "an entry has at most " + MAX_COMMANDS + " commands but this has " + count);
        }
        ByteBuffer entry = ByteBuffer.allocate(bytes);
        entry.put(VERSION).putLong(0).putInt(count);
        for (EncodedCommands request : requests) {
            entry.put(request.bytes());
        }
        return entry.array();
    }

    /** One command without a header: what a REFUSED leaf holds the digest of. */
    static byte[] encodeOne(Command command) {
        CommandOutput out = new CommandOutput(256);
        write(out, command);
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException for anything that {@link #encode} would not write */
    public static Command.Batch decode(byte[] entry) {
        return entry(entry, 0, entry.length).batch();
    }

    /** Decodes what remains in the buffer and leaves its position alone. */
    public static Command.Batch decode(ByteBuffer entry) {
        return read(entry).batch();
    }

    /**
     * The same without making objects of what is applied without them. Reads what remains in the buffer and leaves its
     * position alone; the bytes must not change while the entry is in use.
     */
    public static Entry read(ByteBuffer entry) {
        if (entry.hasArray()) {
            return entry(entry.array(), entry.arrayOffset() + entry.position(), entry.remaining());
        }
        byte[] copy = new byte[entry.remaining()];
        entry.duplicate().get(copy);
        return entry(copy, 0, copy.length);
    }

    /** Sets the leader's time in place. */
    public static void stamp(byte[] entry, long timeMicros) {
        stamp(ByteBuffer.wrap(entry), timeMicros);
    }

    /** Sets the leader's time in place, in the entry that begins at the buffer's position, which stays. */
    public static void stamp(ByteBuffer entry, long timeMicros) {
        if (entry.remaining() < HEADER_BYTES || entry.get(entry.position()) != VERSION) {
            throw new IllegalArgumentException("expected an entry of version 1 with a header of 13 bytes but found "
                    + entry.remaining() + " bytes");
        }
        entry.duplicate().order(ByteOrder.BIG_ENDIAN).putLong(entry.position() + TIME_OFFSET, requireTime(timeMicros));
    }

    private static Entry entry(byte[] bytes, int offset, int length) {
        CommandInput in = new CommandInput(bytes, offset, length);
        int version = in.u8("version");
        if (version != VERSION) {
            throw new IllegalArgumentException("an entry's version must be 1 but is " + version);
        }
        long time = requireTime(in.i64("timeMicros"));
        int count = in.i32("count");
        if (count < 0 || count > MAX_COMMANDS) {
            throw new IllegalArgumentException("count of an entry must be 0.." + MAX_COMMANDS + " but is " + count);
        }
        int[] places = new int[count];
        Command[] others = new Command[count];
        for (int i = 0; i < count; i++) {
            int tag = in.u8("tag");
            places[i] = in.place();
            if (tag == CREATE_TRANSFER) {
                passTransfer(in);
            } else {
                others[i] = read(tag, in);
            }
        }
        int end = in.place();
        in.end();
        return new Entry(time, bytes, places, others, end);
    }

    private static void write(CommandOutput out, Command command) {
        if (command instanceof Command.CreateTransfer c) {
            out.u8(CREATE_TRANSFER);
            writeTransfer(out, c);
        } else if (MoneyCodec.write(out, command)) {
            return;
        } else if (command instanceof Command.Begin c) {
            out.u8(BEGIN);
            Genesis.fromBody(c.genesisBody());
            out.i32(c.genesisBody().length);
            out.bytes(c.genesisBody());
        } else if (command instanceof Command.CreateAccount c) {
            out.u8(CREATE_ACCOUNT);
            out.text("id", c.id(), Text.ACCOUNT);
            out.text("asset", c.asset(), Text.ASSET);
            out.u8(requireExponent(c.exponent()));
            out.u8(c.accountClass().ordinal());
            out.u8(requireLimits(c.debitsMustNotExceedCredits(), c.creditsMustNotExceedDebits()));
        } else if (command instanceof Command.PostHold c) {
            out.u8(POST_HOLD);
            out.uuid(c.id());
            out.i64(c.amount());
            out.text("principal", c.principal(), Text.PRINCIPAL);
        } else if (command instanceof Command.VoidHold c) {
            out.u8(VOID_HOLD);
            out.uuid(c.id());
            out.text("principal", c.principal(), Text.PRINCIPAL);
        } else {
            writeControl(out, command);
        }
    }

    static void writeTransfer(CommandOutput out, Command.CreateTransfer c) {
        out.uuid(c.id());
        out.text("debit", c.debit(), Text.ACCOUNT);
        out.text("credit", c.credit(), Text.ACCOUNT);
        out.text("asset", c.asset(), Text.ASSET);
        out.i64(c.amount());
        out.flag(c.hold());
        out.i32(c.timeoutSeconds());
        out.text("principal", c.principal(), Text.PRINCIPAL);
    }

    private static void writeControl(CommandOutput out, Command command) {
        if (command instanceof Command.OpenRecoveryCase c) {
            out.u8(OPEN_RECOVERY_CASE);
            out.text("caseId", c.caseId(), Text.RECOVERY_CASE_ID);
            out.fixed("payloadDigest", c.payloadDigest(), DIGEST_BYTES);
            out.text("tier", c.tier(), Text.NAME);
            out.text("requester", c.requester(), Text.PRINCIPAL);
        } else if (command instanceof Command.Approve c) {
            out.u8(APPROVE);
            out.text("caseId", c.caseId(), Text.CASE_ID);
            out.fixed("payloadDigest", c.payloadDigest(), DIGEST_BYTES);
            out.flag(c.approve());
            out.text("keyId", c.keyId(), Text.NAME);
            out.i64(c.expiresAtMicros());
            out.fixed("reasonDigest", c.reasonDigest(), DIGEST_BYTES);
            out.within("signature", c.signature(), ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES);
        } else if (command instanceof Command.ProposeChange c) {
            out.u8(PROPOSE_CHANGE);
            out.text("caseId", c.caseId(), Text.CHANGE_CASE_ID);
            out.i64(requireCount("baseVersion", c.baseVersion()));
            requireChange(c);
            out.within("body", c.body(), 1, ChangePayload.MAX_BODY_BYTES);
            out.text("requester", c.requester(), Text.PRINCIPAL);
        } else if (command instanceof Command.ScreeningVerdict c) {
            out.u8(SCREENING_VERDICT);
            out.uuid(c.id());
            out.fixed("payloadDigest", c.payloadDigest(), DIGEST_BYTES);
            out.flag(c.clear());
            out.text("keyId", c.keyId(), Text.NAME);
            out.i64(c.expiresAtMicros());
            out.fixed("evidenceDigest", c.evidenceDigest(), DIGEST_BYTES);
            out.within("signature", c.signature(), ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES);
        } else if (command instanceof Command.IsolateNode c) {
            out.u8(ISOLATE_NODE);
            out.text("node", c.node(), Text.NAME);
            out.text("incidentId", c.incidentId(), Text.CASE_ID);
            out.utf8("reason", c.reason());
        } else if (command instanceof Command.AdmitNode c) {
            out.u8(ADMIT_NODE);
            out.text("node", c.node(), Text.NAME);
            out.text("incidentId", c.incidentId(), Text.CASE_ID);
        } else if (command instanceof Command.Attest c) {
            out.u8(ATTEST);
            out.text("node", c.node(), Text.NAME);
            out.i64(requireCount("raftIndex", c.raftIndex()));
            out.fixed("digest", c.digest(), DIGEST_BYTES);
        } else if (command instanceof Command.AnchorTrail c) {
            out.u8(ANCHOR_TRAIL);
            out.text("origin", c.origin(), Text.ORIGIN);
            out.i64(requireCount("treeSize", c.treeSize()));
            out.fixed("root", c.root(), DIGEST_BYTES);
        } else if (command instanceof Command.SetMaintenance c) {
            out.u8(SET_MAINTENANCE);
            out.utf8("reason", c.reason());
            out.i64(requireCount("seconds", c.seconds()));
            out.text("principal", c.principal(), Text.PRINCIPAL);
        } else if (command instanceof Command.Tick) {
            out.u8(TICK);
        } else {
            throw new IllegalArgumentException("no encoding for " + command.getClass());
        }
    }

    private static Command read(int tag, CommandInput in) {
        return switch (tag) {
            case BEGIN -> begin(in);
            case CREATE_ACCOUNT -> MoneyCodec.readAccount(in);
            case POST_HOLD ->
                new Command.PostHold(in.uuid("id"), in.i64("amount"), in.text("principal", Text.PRINCIPAL));
            case VOID_HOLD -> new Command.VoidHold(in.uuid("id"), in.text("principal", Text.PRINCIPAL));
            case OPEN_RECOVERY_CASE ->
                new Command.OpenRecoveryCase(
                        in.text("caseId", Text.RECOVERY_CASE_ID),
                        in.fixed("payloadDigest", DIGEST_BYTES),
                        in.text("tier", Text.NAME),
                        in.text("requester", Text.PRINCIPAL));
            case APPROVE ->
                new Command.Approve(
                        in.text("caseId", Text.CASE_ID),
                        in.fixed("payloadDigest", DIGEST_BYTES),
                        in.flag("approve"),
                        in.text("keyId", Text.NAME),
                        in.i64("expiresAtMicros"),
                        in.fixed("reasonDigest", DIGEST_BYTES),
                        in.within("signature", ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES));
            case PROPOSE_CHANGE ->
                requireChange(new Command.ProposeChange(
                        in.text("caseId", Text.CHANGE_CASE_ID),
                        requireCount("baseVersion", in.i64("baseVersion")),
                        in.within("body", 1, ChangePayload.MAX_BODY_BYTES),
                        in.text("requester", Text.PRINCIPAL)));
            case SCREENING_VERDICT ->
                new Command.ScreeningVerdict(
                        in.uuid("id"),
                        in.fixed("payloadDigest", DIGEST_BYTES),
                        in.flag("clear"),
                        in.text("keyId", Text.NAME),
                        in.i64("expiresAtMicros"),
                        in.fixed("evidenceDigest", DIGEST_BYTES),
                        in.within("signature", ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES));
            case ISOLATE_NODE ->
                new Command.IsolateNode(
                        in.text("node", Text.NAME), in.text("incidentId", Text.CASE_ID), in.utf8("reason"));
            case ADMIT_NODE -> new Command.AdmitNode(in.text("node", Text.NAME), in.text("incidentId", Text.CASE_ID));
            case ATTEST ->
                new Command.Attest(
                        in.text("node", Text.NAME),
                        requireCount("raftIndex", in.i64("raftIndex")),
                        in.fixed("digest", DIGEST_BYTES));
            case ANCHOR_TRAIL ->
                new Command.AnchorTrail(
                        in.text("origin", Text.ORIGIN),
                        requireCount("treeSize", in.i64("treeSize")),
                        in.fixed("root", DIGEST_BYTES));
            case SET_MAINTENANCE ->
                new Command.SetMaintenance(
                        in.utf8("reason"),
                        requireCount("seconds", in.i64("seconds")),
                        in.text("principal", Text.PRINCIPAL));
            case TICK -> new Command.Tick();
            case MoneyCodec.CREATE_DATED_TRANSFER -> MoneyCodec.readDated(in);
            case MoneyCodec.CREATE_LEGS -> MoneyCodec.readLegs(in);
            case MoneyCodec.REVERSE_TRANSFER -> MoneyCodec.readReversal(in);
            default -> throw new IllegalArgumentException("unknown tag of a command: " + tag);
        };
    }

    /** A body that the ledger could not carry out must not come into an entry. */
    private static Command.ProposeChange requireChange(Command.ProposeChange c) {
        if (c.ofPolicy()) {
            ApprovalPolicy.tiersOf(c.body());
        } else {
            KeyChange.fromBody(c.body());
            if (c.baseVersion() != 0) {
                throw new IllegalArgumentException("baseVersion of a change of keys must be 0");
            }
        }
        return c;
    }

    /** The fields of {@link #readTransfer}, looked at and left where they are. */
    private static void passTransfer(CommandInput in) {
        in.i64("id");
        in.i64("id");
        in.passAccount("debit");
        in.passAccount("credit");
        in.text("asset", Text.ASSET);
        in.i64("amount");
        in.flag("hold");
        in.i32("timeoutSeconds");
        in.text("principal", Text.PRINCIPAL);
    }

    static Command.CreateTransfer readTransfer(CommandInput in) {
        return new Command.CreateTransfer(
                in.uuid("id"),
                in.text("debit", Text.ACCOUNT),
                in.text("credit", Text.ACCOUNT),
                in.text("asset", Text.ASSET),
                in.i64("amount"),
                in.flag("hold"),
                in.i32("timeoutSeconds"),
                in.text("principal", Text.PRINCIPAL));
    }

    private static Command begin(CommandInput in) {
        byte[] body = in.fixed("genesisBody", in.i32("length of genesisBody"));
        Genesis.fromBody(body);
        return new Command.Begin(body);
    }

    static AccountClass accountClass(int number) {
        if (number >= CLASSES.length) {
            throw new IllegalArgumentException("class must be 0.." + (CLASSES.length - 1) + " but is " + number);
        }
        return CLASSES[number];
    }

    static int requireExponent(int exponent) {
        if (exponent < 0 || exponent > MAX_EXPONENT) {
            throw new IllegalArgumentException("exponent must be 0.." + MAX_EXPONENT + " but is " + exponent);
        }
        return exponent;
    }

    static int requireLimits(boolean debits, boolean credits) {
        if (debits && credits) {
            throw new IllegalArgumentException("an account has one limit, of debits or of credits, but both are set");
        }
        return (debits ? 1 : 0) | (credits ? 2 : 0);
    }

    private static long requireCount(String field, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(field + " must not be negative but is " + value);
        }
        return value;
    }

    private static long requireTime(long timeMicros) {
        if (timeMicros < 0 || timeMicros > MAX_TIME_MICROS) {
            throw new IllegalArgumentException("timeMicros must be 0.." + MAX_TIME_MICROS + " but is " + timeMicros);
        }
        return timeMicros;
    }

    /** Which texts a field takes: characters by table, because two of them are checked for every transfer. */
    enum Text {
        ACCOUNT(64, "[A-Za-z0-9:._-]"),
        ASSET(12, "[A-Z0-9]"),
        NAME(64, "[a-z0-9._-]"),
        PRINCIPAL(64, "[A-Za-z0-9:._@-]"),
        CASE_ID(128, "[A-Za-z0-9:._-]"),
        RECOVERY_CASE_ID(128, "[A-Za-z0-9:._-]"),
        CHANGE_CASE_ID(128, "[A-Za-z0-9:._-]"),
        ORIGIN(128, "[A-Za-z0-9:._/-]");

        private static final String RECOVERY_PREFIX = "recovery:";
        private static final Pattern CHANGE_CASE = Pattern.compile("(policy|keys):.+");
        private final int maxLength;
        private final String rule;
        private final boolean[] allowed = new boolean[128];

        Text(int maxLength, String rule) {
            this.maxLength = maxLength;
            this.rule = rule;
            for (int c = 0; c < allowed.length; c++) {
                allowed[c] = String.valueOf((char) c).matches(rule);
            }
        }

        int maxLength() {
            return maxLength;
        }

        boolean allows(int c) {
            return c >= 0 && c < allowed.length && allowed[c];
        }

        /** What the characters alone do not say. */
        void requireForm(String field, String text) {
            if (text.isEmpty() || text.length() > maxLength) {
                throw new IllegalArgumentException(
                        field + " must have 1.." + maxLength + " characters but has " + text.length());
            }
            if (this == ASSET && (text.length() < 3 || text.charAt(0) <= '9')) {
                throw new IllegalArgumentException(field + " must match [A-Z][A-Z0-9]{2,11} but is '" + text + "'");
            }
            if (this == CHANGE_CASE_ID && !CHANGE_CASE.matcher(text).matches()) {
                throw new IllegalArgumentException(
                        field + " must begin with 'policy:' or 'keys:' and name a case but is '" + text + "'");
            }
            if (this == RECOVERY_CASE_ID
                    && (!text.startsWith(RECOVERY_PREFIX) || text.length() == RECOVERY_PREFIX.length())) {
                throw new IllegalArgumentException(
                        field + " must begin with 'recovery:' and name a case but is '" + text + "'");
            }
        }

        IllegalArgumentException refuse(String field, int position) {
            return new IllegalArgumentException(
                    field + " must consist of " + rule + " but character " + position + " is not");
        }
    }
}

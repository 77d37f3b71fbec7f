package io.homeostat.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.approvals.change.GateChange;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.GateJson;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.bundle.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The approval policy: who must approve what. */
@Command(
        name = "policy",
        description = {
            "Shows the approval policy, compares a file with it, or proposes a new one.",
            "A proposal opens a case: the policy changes when the persons whom the policy in force demands have signed it."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat policy show --json > policy.json",
            "  ./homeostat policy diff policy.json",
            "  ./homeostat policy propose policy.json"
        },
        subcommands = {PolicyCommand.Show.class, PolicyCommand.Diff.class, PolicyCommand.Propose.class})
final class PolicyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected show, diff or propose");
    }

    /** A file with {@code tiers}, as {@code policy show --json} prints it. */
    private record Draft(JsonNode tiers, byte[] body) {
        private static final long MAX_BYTES = 1 << 20;

        static Draft read(Path file, CommandSpec spec) throws IOException {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
                throw new ParameterException(
                        spec.commandLine(), "expected a file of at most " + MAX_BYTES + " bytes but found " + file);
            }
            try {
                JsonNode root = GateJson.parse(Files.readString(file));
                return new Draft(root.path("tiers"), ApprovalPolicy.body(GateJson.tiers(root)));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), file + ": " + e.getMessage(), e);
            }
        }
    }

    @Command(
            name = "show",
            description = "The policy in force and its versions.",
            footer = {"%nExamples:", "  ./homeostat policy show", "  ./homeostat policy show --json > policy.json"})
    static final class Show implements Callable<Integer> {
        @Mixin
        private LedgerAccess ledger = new LedgerAccess();

        @Override
        public Integer call() throws IOException {
            JsonNode policy = ledger.policy();
            if (ledger.json()) {
                LedgerAccess.print(policy);
                return 0;
            }
            LedgerPolicy read = LedgerAccess.read(policy);
            LedgerPolicy nothing = new LedgerPolicy(read.keys(), java.util.List.of(), read.version());
            System.out.println("version " + read.version() + " of ledger "
                    + policy.path("ledger").asText());
            byte[] body = ApprovalPolicy.body(GateJson.tiers(policy));
            GateChange.preview(Policy.decode(body), nothing)
                    .diff()
                    .forEach(line -> System.out.println((line.mark() == '#' ? "" : "  ") + line.text()));
            for (JsonNode version : policy.path("history")) {
                System.out.printf(
                        "version %d since leaf %d, %s%s%n",
                        version.path("version").asLong(),
                        version.path("index").asLong(),
                        Instant.ofEpochMilli(version.path("timeMicros").asLong() / 1000),
                        version.has("caseId") ? ", by " + version.path("caseId").asText() : ", the genesis");
            }
            return 0;
        }
    }

    @Command(
            name = "diff",
            description =
                    "What a file would change, in words and line by line. A line with ! asks for less than today.",
            footer = {"%nExamples:", "  ./homeostat policy diff policy.json"})
    static final class Diff implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private LedgerAccess ledger = new LedgerAccess();

        @Parameters(paramLabel = "FILE", description = "JSON with the complete new list of tiers")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            Draft draft = Draft.read(file, spec);
            GateChange change = GateChange.preview(Policy.decode(draft.body()), LedgerAccess.read(ledger.policy()));
            if (ledger.json()) {
                ObjectNode root = Rest.JSON.createObjectNode().put("title", change.title());
                var words = root.putArray("words");
                change.words()
                        .forEach(w -> words.addObject().put("text", w.text()).put("asksForLess", w.asksForLess()));
                var lines = root.putArray("diff");
                change.diff().forEach(line -> lines.add(line.mark() + " " + line.text()));
                LedgerAccess.print(root);
            } else {
                LedgerAccess.print(change, System.out);
            }
            return 0;
        }
    }

    @Command(
            name = "propose",
            description = "Opens the case of a new policy, based on the version in force.",
            footer = {"%nExamples:", "  ./homeostat policy propose policy.json --case lower-limits"})
    static final class Propose implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private ProposalOptions options = new ProposalOptions();

        @Parameters(paramLabel = "FILE", description = "JSON with the complete new list of tiers")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            Draft draft = Draft.read(file, spec);
            LedgerPolicy now = LedgerAccess.read(options.ledger().policy());
            if (!options.ledger().json()) {
                LedgerAccess.print(GateChange.preview(Policy.decode(draft.body()), now), System.out);
            }
            String digest = Digests.hex(MerkleTree.sha256(draft.body())).substring(0, 8);
            Map<String, Object> change = new LinkedHashMap<>();
            change.put("baseVersion", now.version());
            change.put("tiers", draft.tiers());
            return options.propose("/v1/policy/changes", "policy", "v" + (now.version() + 1) + "-" + digest, change);
        }
    }
}

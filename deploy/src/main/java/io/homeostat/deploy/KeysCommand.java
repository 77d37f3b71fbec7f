package io.homeostat.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.approvals.change.GateChange;
import io.homeostat.deploy.certs.SecretFile;
import io.homeostat.deploy.cluster.Secrets;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.merkle.VerificationKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The approvers' keys. */
@Command(
        name = "keys",
        description = {
            "Lists the approvers' keys, or proposes to add, rotate or revoke one, or to change a person's roles.",
            "A proposal opens a case; nobody approves the change of an own key. Passkeys are added in the web UI."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat keys list",
            "  ./homeostat keys add --id dora --person dora --roles compliance --generate dora.pem",
            "  ./homeostat keys rotate dora --id dora-2 --public-key dora-2.pub",
            "  ./homeostat keys revoke dora-2",
            "  ./homeostat keys roles dora --roles operations,compliance"
        },
        subcommands = {
            KeysCommand.ListKeys.class,
            KeysCommand.Add.class,
            KeysCommand.Rotate.class,
            KeysCommand.Revoke.class,
            KeysCommand.Roles.class
        })
final class KeysCommand implements Callable<Integer> {
    private static final String ROUTE = "/v1/keys/changes";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected list, add, rotate, revoke or roles");
    }

    /** Where the new public key comes from: one of the two. */
    static final class NewKey {
        @Option(
                names = "--public-key",
                required = true,
                paramLabel = "FILE",
                description = "base64 of the raw key: 32 bytes of Ed25519, or 65 of P-256 for --algorithm ES256")
        private Optional<Path> file = Optional.empty();

        @Option(
                names = "--generate",
                required = true,
                paramLabel = "FILE",
                description = "make an Ed25519 key here and write its private part to FILE (PKCS#8 PEM, mode 600)")
        private Optional<Path> generate = Optional.empty();

        private void describe(Map<String, Object> key, VerificationKey.Algorithm algorithm, CommandSpec spec)
                throws IOException {
            byte[] raw = generate.isPresent() ? made(generate.get(), algorithm, spec) : read(spec);
            try {
                VerificationKey checked = new VerificationKey(algorithm, raw, "", "");
                key.put("algorithm", checked.algorithm().wireName());
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--public-key: " + e.getMessage(), e);
            }
            key.put("publicKey", Base64.getEncoder().encodeToString(raw));
            System.err.println("fingerprint " + GateChange.fingerprint(raw));
        }

        private static byte[] made(Path target, VerificationKey.Algorithm algorithm, CommandSpec spec) {
            if (algorithm != VerificationKey.Algorithm.ED25519 || Files.exists(target)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--generate makes an Ed25519 key in a new file; " + target + " must not exist");
            }
            KeyPair pair = Secrets.ed25519();
            SecretFile.write(target, Secrets.pem(pair.getPrivate()));
            return Secrets.rawPublicKey(pair.getPublic());
        }

        private byte[] read(CommandSpec spec) throws IOException {
            Path from = file.orElseThrow(
                    () -> new ParameterException(spec.commandLine(), "expected --public-key FILE or --generate FILE"));
            if (!Files.isRegularFile(from) || Files.size(from) > 1024) {
                throw new ParameterException(
                        spec.commandLine(), "--public-key: expected a small file but found " + from);
            }
            try {
                return Base64.getDecoder().decode(Files.readString(from).strip());
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--public-key: " + from + " is not base64", e);
            }
        }
    }

    private static VerificationKey.Algorithm algorithm(String name, CommandSpec spec) {
        if (!name.equals("Ed25519") && !name.equals("ES256")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--algorithm must be Ed25519 or ES256 but is '" + name + "'; passkeys are added in the web UI");
        }
        return VerificationKey.Algorithm.named(name);
    }

    private static Map<String, Object> change(String kind) {
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("change", kind);
        return change;
    }

    @Command(
            name = "list",
            description = "Every key that was ever registered, and whether it signs.",
            footer = {"%nExamples:", "  ./homeostat keys list", "  ./homeostat keys list --json"})
    static final class ListKeys implements Callable<Integer> {
        @Mixin
        private LedgerAccess ledger = new LedgerAccess();

        @Override
        public Integer call() throws IOException {
            JsonNode policy = ledger.policy();
            if (ledger.json()) {
                ObjectNode keys = Rest.JSON.createObjectNode();
                keys.set("keys", policy.path("keys"));
                keys.set("retiredKeys", policy.path("retiredKeys"));
                LedgerAccess.print(keys);
                return 0;
            }
            for (JsonNode key : policy.path("keys")) {
                print(key, "active");
            }
            for (JsonNode key : policy.path("retiredKeys")) {
                print(
                        key,
                        key.path("status").asText() + " at leaf "
                                + key.path("index").asLong());
            }
            return 0;
        }

        private static void print(JsonNode key, String status) {
            StringBuilder roles = new StringBuilder();
            key.path("roles")
                    .forEach(role -> roles.append(roles.isEmpty() ? "" : ",").append(role.asText()));
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %-12s %-24s %-9s %-10s %s%n",
                    key.path("keyId").asText(),
                    key.path("person").asText(),
                    roles,
                    key.path("algorithm").asText(),
                    status,
                    GateChange.fingerprint(
                            Base64.getDecoder().decode(key.path("publicKey").asText())));
        }
    }

    @Command(
            name = "add",
            description = "Proposes a key of a person, who may be new.",
            footer = {
                "%nExamples:",
                "  ./homeostat keys add --id dora --person dora --roles compliance --generate dora.pem",
                "  ./homeostat keys add --id hsm-1 --person dora --roles compliance --algorithm ES256 --public-key hsm.pub"
            })
    static final class Add implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private ProposalOptions options = new ProposalOptions();

        @Option(
                names = "--id",
                paramLabel = "ID",
                required = true,
                description = "id of the key, used once and for all")
        private String id = "";

        @Option(names = "--person", paramLabel = "NAME", required = true, description = "who signs with it")
        private String person = "";

        @Option(
                names = "--roles",
                paramLabel = "ROLE",
                required = true,
                split = ",",
                description = "the person's roles")
        private List<String> roles = List.of();

        @Option(names = "--algorithm", paramLabel = "NAME", defaultValue = "Ed25519", description = "Ed25519 or ES256")
        private String algorithm = "";

        @ArgGroup(multiplicity = "1")
        private NewKey key = new NewKey();

        @Override
        public Integer call() throws IOException {
            Map<String, Object> added = new LinkedHashMap<>();
            added.put("keyId", id);
            added.put("person", person);
            added.put("roles", roles);
            key.describe(added, algorithm(algorithm, spec), spec);
            Map<String, Object> change = change("register");
            change.put("key", added);
            return options.propose(ROUTE, "keys", "register-" + id, change);
        }
    }

    @Command(
            name = "rotate",
            description = "Proposes another key in the place of one; what the old one signed stays.",
            footer = {"%nExamples:", "  ./homeostat keys rotate dora --id dora-2 --generate dora-2.pem"})
    static final class Rotate implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Mixin
        private ProposalOptions options = new ProposalOptions();

        @Parameters(paramLabel = "KEY", description = "id of the key that signs today")
        private String old = "";

        @Option(names = "--id", paramLabel = "ID", required = true, description = "id of the new key")
        private String id = "";

        @Option(names = "--algorithm", paramLabel = "NAME", defaultValue = "Ed25519", description = "Ed25519 or ES256")
        private String algorithm = "";

        @ArgGroup(multiplicity = "1")
        private NewKey key = new NewKey();

        @Override
        public Integer call() throws IOException {
            Map<String, Object> change = change("rotate");
            change.put("keyId", old);
            change.put("newKeyId", id);
            key.describe(change, algorithm(algorithm, spec), spec);
            return options.propose(ROUTE, "keys", "rotate-" + id, change);
        }
    }

    @Command(
            name = "revoke",
            description = "Proposes that a key signs no more; what it signed on open cases then counts no more.",
            footer = {"%nExamples:", "  ./homeostat keys revoke dora-2"})
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private ProposalOptions options = new ProposalOptions();

        @Parameters(paramLabel = "KEY", description = "id of the key")
        private String id = "";

        @Override
        public Integer call() throws IOException {
            Map<String, Object> change = change("revoke");
            change.put("keyId", id);
            return options.propose(ROUTE, "keys", "revoke-" + id, change);
        }
    }

    @Command(
            name = "roles",
            description = "Proposes other roles for all keys of a person.",
            footer = {"%nExamples:", "  ./homeostat keys roles dora --roles operations,compliance --case dora-moves"})
    static final class Roles implements Callable<Integer> {
        @Mixin
        private ProposalOptions options = new ProposalOptions();

        @Parameters(paramLabel = "PERSON", description = "whose")
        private String person = "";

        @Option(
                names = "--roles",
                paramLabel = "ROLE",
                required = true,
                split = ",",
                description = "all roles from then on")
        private List<String> roles = List.of();

        @Override
        public Integer call() throws IOException {
            Map<String, Object> change = change("roles");
            change.put("person", person);
            change.put("roles", roles);
            return options.propose(ROUTE, "keys", "roles-" + person + "-" + String.join("-", roles), change);
        }
    }
}

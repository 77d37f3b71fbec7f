package io.homeostat.deploy.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.deploy.certs.CertificateFolder;
import io.homeostat.deploy.certs.SecretFile;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.transport.MutualTls;
import io.homeostat.transport.TlsFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One cluster on disk, as {@code docs/interfaces.md} lists its files. Made whole on first use; read ever after.
 *
 * <p>Immutable view, thread-safe; {@link #lock()} keeps a second launcher out.
 */
public final class ClusterDirectory {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();
    private static final String LEDGER = "homeostat-demo";
    private static final List<String> ZONES = List.of("zone-a", "zone-b", "zone-c");
    private static final int PORTS_PER_NODE = 6;
    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1");
    /** A month: a cluster that is started once in that time never meets an expired certificate. */
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private static final Duration CONNECT = Duration.ofSeconds(2);
    /** Key id of the screen's signer. */
    public static final String SCREENER = "screener";

    /** Ten times what a verdict takes; then people have the case. */
    private static final long SCREEN_MILLIS = 2000;

    private static final long HOUR_SECONDS = Duration.ofHours(1).toSeconds();
    private static final long ESCALATE_SECONDS = Duration.ofMinutes(15).toSeconds();

    private final Path data;
    private final Topology topology;
    private @Nullable HttpClient http;

    private ClusterDirectory(Path data, Topology topology) {
        this.data = data;
        this.topology = topology;
    }

    /**
     * How a new cluster is made.
     *
     * @param nodes odd and at least 3
     * @param tls nodes and sidecars speak TLS and ask for client certificates
     * @param webTls the web UI speaks TLS, under the same authority
     * @param hosts where each node listens, in their order
     * @param screening transfers from a tenth of the people's tier on wait for a signed verdict; asked of a new cluster only
     */
    public record Plan(
            int nodes,
            int webPort,
            boolean faultHooks,
            boolean tls,
            boolean webTls,
            List<String> hosts,
            boolean screening) {
        private static final String LOOPBACK = "127.0.0.1";

        public Plan {
            hosts = List.copyOf(hosts);
            if (nodes < 3 || nodes % 2 == 0 || nodes > 9) {
                throw new IllegalArgumentException("nodes must be 3, 5, 7 or 9 but is " + nodes);
            }
            if (hosts.size() != nodes) {
                throw new IllegalArgumentException("expected " + nodes + " hosts but found " + hosts);
            }
        }

        /** With TLS between processes, and the web UI on plain loopback. */
        public Plan(int nodes, int webPort, boolean faultHooks) {
            this(nodes, webPort, faultHooks, true, false);
        }

        public Plan(int nodes, int webPort, boolean faultHooks, boolean tls, boolean webTls) {
            this(nodes, webPort, faultHooks, tls, webTls, Collections.nCopies(Math.max(0, nodes), LOOPBACK), false);
        }

        public Plan withTls(boolean on) {
            return new Plan(nodes, webPort, faultHooks, on, webTls, hosts, screening);
        }

        public Plan withWebTls(boolean on) {
            return new Plan(nodes, webPort, faultHooks, tls, on, hosts, screening);
        }

        public Plan withScreening(boolean on) {
            return new Plan(nodes, webPort, faultHooks, tls, webTls, hosts, on);
        }

        /** With a free port for the web UI: for clusters that come and go. */
        public static Plan onAnyPort(int nodes, boolean faultHooks) {
            return new Plan(nodes, FreePorts.choose(1, new SecureRandom()).get(0), faultHooks);
        }

        /** Each node under an address of its own, which its certificate names. */
        public static Plan onHosts(List<String> hosts) {
            return new Plan(
                    hosts.size(), FreePorts.choose(1, new SecureRandom()).get(0), false, true, false, hosts, false);
        }
    }

    /** Reads the cluster of a directory that has one. */
    public static ClusterDirectory open(Path directory) {
        Path data = directory.toAbsolutePath().normalize();
        Path file = data.resolve("cluster.json");
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("expected a cluster in " + data
                    + " but found no cluster.json; run ./homeostat up --data " + data + " first");
        }
        try {
            return new ClusterDirectory(data, JSON.readValue(file.toFile(), Topology.class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is malformed: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    /**
     * Reads the cluster, or makes it. On an existing one the web port, the profile and TLS follow the plan; all else is kept.
     * Certificates are made when there are none, and made again when the first has less than a month left.
     */
    public static ClusterDirectory openOrCreate(Path directory, Plan plan) {
        Path data = directory.toAbsolutePath().normalize();
        if (!Files.exists(data.resolve("cluster.json"))) {
            return create(data, plan);
        }
        ClusterDirectory present = open(data);
        Topology wanted = present.topology
                .withWebPort(plan.webPort())
                .withProfile(profile(plan))
                .withTls(plan.tls(), plan.webTls());
        if (!wanted.equals(present.topology)) {
            write(data.resolve("cluster.json"), json(wanted));
        }
        ClusterDirectory cluster = new ClusterDirectory(data, wanted);
        cluster.ensureCertificates();
        return cluster;
    }

    private static ClusterDirectory create(Path data, Plan plan) {
        refuseForeign(data);
        List<Integer> ports = FreePorts.choose(plan.nodes() * PORTS_PER_NODE + 2, new SecureRandom());
        List<Topology.Node> nodes = new ArrayList<>();
        for (int i = 0; i < plan.nodes(); i++) {
            List<Integer> p = ports.subList(i * PORTS_PER_NODE, (i + 1) * PORTS_PER_NODE);
            nodes.add(new Topology.Node(
                    "n" + (i + 1),
                    ZONES.get(i % ZONES.size()),
                    plan.hosts().get(i),
                    p.get(0),
                    p.get(1),
                    p.get(2),
                    p.get(3),
                    p.get(4),
                    p.get(5),
                    plan.tls()));
        }
        int last = ports.size();
        Topology topology = new Topology(
                LEDGER,
                profile(plan),
                nodes,
                new Topology.Kafka(ports.get(last - 2), ports.get(last - 1)),
                new Topology.Web(plan.webPort(), plan.webTls()));
        ClusterDirectory cluster = new ClusterDirectory(data, topology);
        cluster.writeSecretsAndGenesis(new Secrets(new SecureRandom()), plan.screening());
        cluster.ensureCertificates();
        // Last: a directory with this file is complete.
        write(data.resolve("cluster.json"), json(topology));
        return cluster;
    }

    private static String profile(Plan plan) {
        return plan.faultHooks() ? "demo" : "production";
    }

    /** A directory that holds other things is not ours to fill. What an interrupted creation left is made again. */
    private static void refuseForeign(Path data) {
        try {
            Files.createDirectories(data);
            try (var entries = Files.list(data)) {
                List<String> foreign = entries.map(p -> p.getFileName().toString())
                        .filter(name -> !List.of("secrets", "genesis.json", "genesis.json.new", "lock", "logs")
                                .contains(name))
                        .sorted()
                        .limit(3)
                        .toList();
                if (!foreign.isEmpty()) {
                    throw new IllegalArgumentException("expected an empty directory or a cluster in " + data
                            + " but found " + foreign + "; choose another directory with --data");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("creating the data directory " + data, e);
        }
    }

    private void ensureCertificates() {
        if (!topology.tls() && !topology.web().tls()) {
            return;
        }
        CertificateFolder folder = certificates();
        Instant now = Instant.now();
        if (!folder.exists()) {
            folder.create(
                    new CertificateFolder.Plan(
                            topology.ledger(),
                            topology.nodes().stream().map(Topology.Node::id).toList(),
                            certifiedHosts(),
                            CertificateFolder.DEFAULT_DAYS),
                    now);
        } else if (folder.firstExpiry().isBefore(now.plus(RENEW_BEFORE))) {
            folder.renew(CertificateFolder.DEFAULT_DAYS, now);
        }
    }

    /** The loopback under all its names, and whatever else the nodes listen on. */
    private List<String> certifiedHosts() {
        Set<String> hosts = new LinkedHashSet<>(LOOPBACK);
        topology.nodes().forEach(node -> hosts.add(node.host()));
        return List.copyOf(hosts);
    }

    /** Authority and certificates of this cluster. */
    public CertificateFolder certificates() {
        return new CertificateFolder(secrets().resolve("tls"));
    }

    /** Identity of one process of this cluster; empty when it speaks plain text. */
    public Optional<TlsFiles> tls(String name) {
        return topology.tls() ? Optional.of(certificates().files(name)) : Optional.empty();
    }

    /** Certificate and key of the web UI; empty when it speaks plain text. */
    public Optional<TlsFiles> webTls() {
        return topology.web().tls() ? Optional.of(certificates().files(CertificateFolder.PLATFORM)) : Optional.empty();
    }

    /** Identity of people and programs at this cluster's command line; empty when the cluster speaks plain text. */
    public Optional<MutualTls> clientTls() {
        return topology.tls() || topology.web().tls()
                ? Optional.of(MutualTls.open(certificates().files(CertificateFolder.CLIENT)))
                : Optional.empty();
    }

    /** A client for the processes of this cluster; one for all callers of this view. */
    public synchronized HttpClient http() {
        HttpClient made = http;
        if (made == null) {
            made = MutualTls.client(clientTls()).connectTimeout(CONNECT).build();
            http = made;
        }
        return made;
    }

    private void writeSecretsAndGenesis(Secrets random, boolean screening) {
        Path secrets = SecretFile.directory(secrets());
        SecretFile.directory(secrets.resolve("approvers"));

        ArrayNode tokens = JSON.createArrayNode();
        for (Principal principal : Principal.values()) {
            String token = random.token();
            SecretFile.write(tokenFile(principal), token + "\n");
            ObjectNode entry = tokens.addObject().put("principal", principal.id());
            principal.roles().forEach(entry.putArray("roles")::add);
            entry.put("sha256", EventCodec.digestOfText(token));
        }
        SecretFile.write(tokensFile(), json(tokens));
        SecretFile.write(agentTokenFile(), random.token() + "\n");
        SecretFile.write(internalTokenFile(), random.token() + "\n");

        ObjectNode genesis = JSON.createObjectNode().put("ledger", topology.ledger());
        ArrayNode nodes = genesis.putArray("nodes");
        for (Topology.Node node : topology.nodes()) {
            KeyPair key = Secrets.ed25519();
            SecretFile.write(checkpointKeyFile(node.id()), Secrets.pem(key.getPrivate()));
            SecretFile.write(controlTokenFile(node.id()), random.token() + "\n");
            nodes.addObject()
                    .put("id", node.id())
                    .put("zone", node.zone())
                    .put("checkpointKey", base64(Secrets.rawPublicKey(key.getPublic())));
        }
        ArrayNode keys = genesis.putArray("keys");
        Map<String, String> passwords = new LinkedHashMap<>();
        for (DemoPersons.Person person : DemoPersons.ALL) {
            passwords.put(person.id(), random.password());
            person.approverRole().ifPresent(role -> {
                KeyPair key = Secrets.ed25519();
                SecretFile.write(approverKeyFile(person.id()), Secrets.pem(key.getPrivate()));
                ObjectNode entry = keys.addObject().put("keyId", person.id()).put("person", person.id());
                entry.putArray("roles").add(role);
                entry.put("algorithm", "Ed25519").put("publicKey", base64(Secrets.rawPublicKey(key.getPublic())));
            });
        }
        if (screening) {
            KeyPair key = Secrets.ed25519();
            SecretFile.write(screenerKeyFile(), Secrets.pem(key.getPrivate()));
            ObjectNode entry = keys.addObject().put("keyId", SCREENER).put("person", SCREENER);
            entry.putArray("roles").add("detector");
            entry.put("algorithm", "Ed25519").put("publicKey", base64(Secrets.rawPublicKey(key.getPublic())));
        }
        writeTiers(genesis.putArray("tiers"), screening);
        write(genesisFile(), json(genesis));
        SecretFile.write(usersFile(), json(WebUsers.of(passwords, random)));
        StringBuilder lines = new StringBuilder();
        passwords.forEach((person, password) ->
                lines.append(person).append(' ').append(password).append('\n'));
        SecretFile.write(passwordsFile(), lines.toString());
    }

    /** From a million euro, or what is about as much, one of each of two roles must sign; recoveries above autonomy and changes of policy and keys likewise. */
    private static void writeTiers(ArrayNode tiers, boolean screening) {
        Map<String, Long> fromMinor = new LinkedHashMap<>();
        fromMinor.put("EUR", 1_000_000_00L);
        fromMinor.put("USD", 1_000_000_00L);
        fromMinor.put("CZK", 25_000_000_00L);
        fromMinor.forEach((asset, from) ->
                tier(tiers, "high-value-" + asset.toLowerCase(java.util.Locale.ROOT), "transfer", asset, from));
        if (screening) {
            fromMinor.forEach((asset, from) -> tier(
                            tiers,
                            "screened-" + asset.toLowerCase(java.util.Locale.ROOT),
                            "screening",
                            asset,
                            from / 10)
                    .put("screenMillis", SCREEN_MILLIS));
        }
        tier(tiers, "recovery", "recovery", "", 0);
        tier(tiers, "policy", "policy", "", 0);
        // Nobody approves the change of an own key, and compliance has one person: then operations may stand in.
        ObjectNode keys = tier(tiers, "keys", "keys", "", 0);
        keys.put("escalateAfterSeconds", ESCALATE_SECONDS)
                .putArray("escalationRoles")
                .add("operations");
    }

    private static ObjectNode tier(ArrayNode tiers, String name, String kind, String asset, long from) {
        ObjectNode tier = tiers.addObject()
                .put("name", name)
                .put("kind", kind)
                .put("asset", asset)
                .put("fromAmount", from)
                .put("expirySeconds", HOUR_SECONDS);
        ArrayNode demands = tier.putArray("demands");
        demands.addObject().put("role", "operations").put("count", 1);
        demands.addObject().put("role", "compliance").put("count", 1);
        return tier;
    }

    public Path data() {
        return data;
    }

    public Topology topology() {
        return topology;
    }

    public boolean faultHooks() {
        return topology.profile().equals("demo");
    }

    public Path secrets() {
        return data.resolve("secrets");
    }

    public Path genesisFile() {
        return data.resolve("genesis.json");
    }

    public Path tokensFile() {
        return secrets().resolve("tokens.json");
    }

    public Path usersFile() {
        return secrets().resolve("users.json");
    }

    public Path passwordsFile() {
        return secrets().resolve("passwords.txt");
    }

    public Path agentTokenFile() {
        return secrets().resolve("agent.token");
    }

    public Path internalTokenFile() {
        return secrets().resolve("internal.token");
    }

    public Path tokenFile(Principal principal) {
        return secrets().resolve(principal.id() + ".token");
    }

    public Path controlTokenFile(String node) {
        return secrets().resolve(node + ".control.token");
    }

    public Path checkpointKeyFile(String node) {
        return secrets().resolve(node + ".checkpoint.key");
    }

    public Path approverKeyFile(String keyId) {
        return secrets().resolve("approvers").resolve(keyId + ".pem");
    }

    /** The key that signs verdicts on transfers that wait for screening. */
    public Path screenerKeyFile() {
        return secrets().resolve("screener.key");
    }

    /** Whether this cluster was made with a screening tier and a signer's key. */
    public boolean screening() {
        return Files.exists(screenerKeyFile());
    }

    public Path nodeData(String node) {
        return data.resolve(node);
    }

    public Path logs() {
        return data.resolve("logs");
    }

    /** The role's own log; {@code .out} beside it takes what its JVM prints. */
    public Path log(String process) {
        return logs().resolve(process + ".log");
    }

    public String token(Principal principal) {
        return readSecret(tokenFile(principal));
    }

    public static String readSecret(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("reading the token file " + file, e);
        }
    }

    /** Person to password, in the order of {@link DemoPersons#ALL}. */
    public Map<String, String> passwords() {
        try {
            Map<String, String> passwords = new LinkedHashMap<>();
            for (String line : Files.readAllLines(passwordsFile())) {
                int blank = line.indexOf(' ');
                if (blank > 0) {
                    passwords.put(line.substring(0, blank), line.substring(blank + 1));
                }
            }
            return passwords;
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + passwordsFile(), e);
        }
    }

    /** Ports of this cluster on which somebody listens, each with what it is for. Asked before anything is started. */
    public List<String> takenPorts() {
        Map<String, Integer> wanted = new LinkedHashMap<>();
        wanted.put("web (--port)", topology.web().port());
        wanted.put("kafka", topology.kafka().port());
        wanted.put("kafka controller", topology.kafka().controllerPort());
        for (Topology.Node node : topology.nodes()) {
            int i = 0;
            for (String what : List.of("http", "control", "raft", "sidecar", "otlp/http", "otlp/grpc")) {
                wanted.put(node.id() + " " + what, node.ports().get(i++));
            }
        }
        List<String> taken = new ArrayList<>();
        wanted.forEach((what, port) -> {
            if (!FreePorts.free(port)) {
                taken.add(port + " for " + what);
            }
        });
        return taken;
    }

    /**
     * Whether the node has ever begun. An empty folder of a node that has begun must join the others and be filled by them;
     * only a node that never was may begin with the cluster.
     */
    public boolean begun(String node) {
        return Files.exists(begunFile(node));
    }

    public void markBegun(String node) {
        if (!begun(node)) {
            write(begunFile(node), "this node has begun; its folder is never empty again without a resync\n");
        }
    }

    private Path begunFile(String node) {
        return data.resolve(node + ".begun");
    }

    /** Keeps other launchers out until it is closed; a second one is refused with what to do. */
    public FileLock lock() {
        Path file = data.resolve("lock");
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw inUse();
            }
            return lock;
        } catch (OverlappingFileLockException e) {
            throw inUse();
        } catch (IOException e) {
            throw new UncheckedIOException("locking " + file, e);
        }
    }

    private IllegalStateException inUse() {
        return new IllegalStateException("the cluster in " + data
                + " is running already; use it, stop it, or choose another directory with --data");
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("topology and genesis always encode", e);
        }
    }

    private static void write(Path file, String content) {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(draft, content);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }
}

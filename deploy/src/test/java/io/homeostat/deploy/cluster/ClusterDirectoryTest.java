package io.homeostat.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClusterDirectoryTest {
    private static final ClusterDirectory.Plan PLAN = new ClusterDirectory.Plan(3, 8088, false);

    @TempDir
    Path folder;

    @Test
    void a_new_cluster_has_three_nodes_in_three_zones_on_ports_of_their_own() {
        Topology topology = ClusterDirectory.openOrCreate(folder, PLAN).topology();

        assertThat(topology.nodes()).extracting(Topology.Node::id).containsExactly("n1", "n2", "n3");
        assertThat(topology.nodes()).extracting(Topology.Node::zone).doesNotHaveDuplicates();
        Set<Integer> ports =
                new HashSet<>(List.of(topology.kafka().port(), topology.kafka().controllerPort()));
        topology.nodes().forEach(node -> ports.addAll(node.ports()));
        assertThat(ports).hasSize(20);
    }

    @Test
    void what_was_chosen_once_is_kept_and_only_the_web_port_follows_the_caller() throws IOException {
        ClusterDirectory made = ClusterDirectory.openOrCreate(folder, PLAN);
        byte[] genesis = Files.readAllBytes(made.genesisFile());

        ClusterDirectory again = ClusterDirectory.openOrCreate(folder, new ClusterDirectory.Plan(3, 9099, true));

        assertThat(again.topology().nodes()).isEqualTo(made.topology().nodes());
        assertThat(again.topology().kafka()).isEqualTo(made.topology().kafka());
        assertThat(again.topology().web().port()).isEqualTo(9099);
        assertThat(again.faultHooks()).isTrue();
        assertThat(made.faultHooks()).isFalse();
        assertThat(Files.readAllBytes(again.genesisFile())).isEqualTo(genesis);
        assertThat(ClusterDirectory.open(folder).topology()).isEqualTo(again.topology());
    }

    @Test
    void secrets_are_for_the_owner_alone() throws IOException {
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(folder, PLAN);

        try (Stream<Path> files = Files.walk(cluster.secrets())) {
            for (Path file : files.toList()) {
                assertThat(Files.getPosixFilePermissions(file))
                        .as(file.toString())
                        .allMatch(permission -> permission.name().startsWith("OWNER_"))
                        .contains(PosixFilePermission.OWNER_READ);
            }
        }
    }

    @Test
    void nodes_are_given_digests_of_tokens_and_never_the_tokens() throws IOException {
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(folder, PLAN);
        String file = Files.readString(cluster.tokensFile());
        JsonNode entries = new ObjectMapper().readTree(file);

        for (Principal principal : Principal.values()) {
            String token = cluster.token(principal);
            assertThat(file).doesNotContain(token).contains(EventCodec.digestOfText(token));
        }
        assertThat(entries).hasSize(Principal.values().length);
        assertThat(entries).allSatisfy(entry -> assertThat(entry.path("roles")).isNotEmpty());
    }

    @Test
    void an_approver_key_file_signs_for_the_public_key_in_the_genesis() throws Exception {
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(folder, PLAN);
        JsonNode genesis = new ObjectMapper().readTree(cluster.genesisFile().toFile());
        JsonNode olga = Stream.of(
                        genesis.path("keys").get(0),
                        genesis.path("keys").get(1),
                        genesis.path("keys").get(2))
                .filter(key -> key.path("person").asText().equals("olga"))
                .findFirst()
                .orElseThrow();
        PrivateKey key = Secrets.readPem(cluster.approverKeyFile("olga"));
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(key);
        signer.update(new byte[] {1, 2, 3});

        byte[] signature = signer.sign();

        assertThat(io.homeostat.deploy.testing.Ed25519Keys.verifies(
                        olga.path("publicKey").asText(), new byte[] {1, 2, 3}, signature))
                .isTrue();
        assertThat(io.homeostat.deploy.testing.Ed25519Keys.verifies(
                        olga.path("publicKey").asText(), new byte[] {1, 2, 4}, signature))
                .isFalse();
        assertThat(olga.path("roles").get(0).asText()).isEqualTo("operations");
    }

    @Test
    void the_auditor_has_no_key_and_everybody_has_a_password_of_her_own() throws IOException {
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(folder, PLAN);

        assertThat(cluster.passwords()).containsOnlyKeys("rita", "olga", "carl", "ada");
        assertThat(cluster.passwords().values()).doesNotHaveDuplicates().allMatch(p -> p.length() >= 20);
        assertThat(cluster.approverKeyFile("ada")).doesNotExist();
        for (String password : cluster.passwords().values()) {
            assertThat(Files.readString(cluster.usersFile())).doesNotContain(password);
        }
    }

    @Test
    void a_directory_that_holds_other_things_is_refused() throws IOException {
        Files.writeString(folder.resolve("thesis.tex"), "do not touch");

        assertThatThrownBy(() -> ClusterDirectory.openOrCreate(folder, PLAN))
                .hasMessageContaining("thesis.tex")
                .hasMessageContaining("--data");
    }

    @Test
    void a_creation_that_was_interrupted_is_made_again() throws IOException {
        ClusterDirectory.openOrCreate(folder, PLAN);
        Files.delete(folder.resolve("cluster.json"));

        ClusterDirectory again = ClusterDirectory.openOrCreate(folder, PLAN);

        assertThat(again.token(Principal.HEALER)).isNotEmpty();
    }

    @Test
    void a_second_launcher_is_kept_out_until_the_first_lets_go() throws IOException {
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(folder, PLAN);

        FileLock lock = cluster.lock();

        assertThatThrownBy(cluster::lock).hasMessageContaining("running already");
        lock.release();
        lock.channel().close();
        cluster.lock().channel().close();
    }

    @Test
    void a_taken_port_is_named_with_its_purpose() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ClusterDirectory cluster =
                    ClusterDirectory.openOrCreate(folder, new ClusterDirectory.Plan(3, taken.getLocalPort(), false));

            assertThat(cluster.takenPorts()).containsExactly(taken.getLocalPort() + " for web (--port)");
        }
        assertThat(ClusterDirectory.open(folder).takenPorts()).isEmpty();
    }

    @Test
    void a_directory_without_a_cluster_says_what_to_do() {
        assertThatThrownBy(() -> ClusterDirectory.open(folder))
                .hasMessageContaining("no cluster.json")
                .hasMessageContaining("up --data");
    }
}

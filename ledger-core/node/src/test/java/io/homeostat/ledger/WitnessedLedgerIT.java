package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.ledger.witness.WitnessTarget;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Cosignature;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.TreeHead;
import io.homeostat.merkle.VerifierKey;
import io.homeostat.merkle.witness.Witness;
import io.homeostat.merkle.witness.WitnessServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node and real witnesses over HTTP: one answers, one is never there. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WitnessedLedgerIT {
    private static final String ACCOUNT = """
            {"accounts":[{"id":"a%d","asset":"EUR","exponent":2,"class":"fee","debitsMustNotExceedCredits":true}]}""";

    @TempDir
    Path dir;

    @Test
    void heads_are_cosigned_while_a_witness_answers_and_postings_go_on_when_it_does_not() throws IOException {
        Ed25519.Keys keys = Ed25519.generate();
        VerifierKey key = new VerifierKey("w.example/1", VerifierKey.Type.COSIGNATURE, keys.publicKey());
        VerifierKey absent = new VerifierKey(
                "w.example/2", VerifierKey.Type.COSIGNATURE, Ed25519.generate().publicKey());
        try (LocalCluster cluster = new LocalCluster(dir, 1)) {
            int port;
            try (Witness witness = witness(cluster, keys);
                    WitnessServer server = new WitnessServer(witness, new InetSocketAddress("127.0.0.1", 0))) {
                port = server.port();
                cluster.witnessedBy(List.of(
                                new WitnessTarget(URI.create("http://127.0.0.1:" + port), key),
                                new WitnessTarget(URI.create("http://127.0.0.1:1/"), absent)))
                        .startAll();
                account(cluster, 1);
                TreeHead first = awaitCosigned(cluster, key, 1);
                account(cluster, 2);
                TreeHead second = awaitCosigned(cluster, key, first.size() + 1);

                assertThat(second.size()).isGreaterThan(first.size());
                assertThat(witness.size("test-ledger")).isGreaterThanOrEqualTo(second.size());
                assertThat(cluster.get("n1", "/checkpoint", READER).text()).contains("w.example/1");
            }
            // The witness is gone: nothing waits for it.
            for (int i = 3; i < 20; i++) {
                account(cluster, i);
            }
            // The same witness again, with its memory: the node learns where it stands and goes on.
            cluster.stop("n1");
            try (Witness witness = witness(cluster, keys);
                    WitnessServer server = new WitnessServer(witness, new InetSocketAddress("127.0.0.1", 0))) {
                long remembered = witness.size("test-ledger");
                assertThat(remembered).isPositive();
                cluster.witnessedBy(List.of(new WitnessTarget(URI.create("http://127.0.0.1:" + server.port()), key)));
                cluster.start("n1", false, false);
                cluster.awaitReady();
                account(cluster, 20);
                assertThat(awaitCosigned(cluster, key, remembered + 1).size()).isGreaterThan(remembered);
            }
        }
    }

    private Witness witness(LocalCluster cluster, Ed25519.Keys keys) throws IOException {
        Genesis genesis = cluster.genesis();
        List<VerifierKey> nodes = genesis.nodes().stream()
                .map(node -> new VerifierKey(
                        CheckpointSigner.keyName(genesis.ledger(), node.id()),
                        VerifierKey.Type.NOTE,
                        node.checkpointKey()))
                .toList();
        return new Witness(
                "w.example/1", keys, Map.of(genesis.ledger(), nodes), dir.resolve("witness"), InstantSource.system());
    }

    private static TreeHead awaitCosigned(LocalCluster cluster, VerifierKey key, long size) {
        TreeHead[] found = new TreeHead[1];
        Eventually.holds("a head of " + size + " leaves is cosigned", PATIENCE, () -> {
            Answer answer = cluster.get("n1", "/v1/checkpoint/witnessed", READER);
            if (answer.status() != 200) {
                return false;
            }
            SignedNote note = SignedNote.parse(answer.body());
            found[0] = TreeHead.ofText(note.text());
            return Cosignature.time(note, key).isPresent() && found[0].size() >= size;
        });
        return found[0];
    }

    private static void account(LocalCluster cluster, int number) {
        Answer made = cluster.post("n1", "/v1/accounts", OPERATOR, ACCOUNT.formatted(number));
        assertThat(made.status()).as(made.text()).isEqualTo(200);
    }
}

package io.homeostat.deploy.certs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.transport.MutualTls;
import io.homeostat.transport.Party;
import io.homeostat.transport.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CertificateFolderTest {
    private static final String EC = "EC";

    @TempDir
    Path dir;

    private final Instant now = Instant.now();

    private CertificateFolder made(String name) {
        CertificateFolder folder = new CertificateFolder(dir.resolve(name));
        folder.create(plan(30), now);
        return folder;
    }

    private static CertificateFolder.Plan plan(int days) {
        return new CertificateFolder.Plan("ledger-a", List.of("n1", "n2"), List.of("localhost", "127.0.0.1"), days);
    }

    @Test
    void every_process_gets_a_certificate_that_names_its_party_and_hosts() {
        CertificateFolder folder = made("a");

        assertThat(folder.entries())
                .extracting(CertificateFolder.Entry::name, CertificateFolder.Entry::party)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("ca", "authority"),
                        org.assertj.core.groups.Tuple.tuple("n1", "node"),
                        org.assertj.core.groups.Tuple.tuple("n2", "node"),
                        org.assertj.core.groups.Tuple.tuple("sidecar-n1", "sidecar"),
                        org.assertj.core.groups.Tuple.tuple("sidecar-n2", "sidecar"),
                        org.assertj.core.groups.Tuple.tuple("platform", "platform"),
                        org.assertj.core.groups.Tuple.tuple("client", "client"));
        assertThat(folder.entries().get(0).name()).isEqualTo("ca");
        assertThat(entry(folder, "n1").hosts()).containsExactly("localhost", "127.0.0.1", "n1");
        assertThat(entry(folder, "client").hosts()).isEmpty();
        assertThat(folder.firstExpiry()).isBetween(now.plus(Duration.ofDays(29)), now.plus(Duration.ofDays(30)));
    }

    @Test
    void keys_and_certificates_are_for_the_owner_alone() throws IOException {
        made("a");

        try (Stream<Path> files = Files.list(dir.resolve("a"))) {
            assertThat(files)
                    .hasSize(14)
                    .allSatisfy(file -> assertThat(Files.getPosixFilePermissions(file))
                            .containsExactlyInAnyOrder(
                                    PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        }
        assertThat(Files.getPosixFilePermissions(dir.resolve("a"))).hasSize(3);
    }

    @Test
    void renewing_keeps_the_authority_and_replaces_every_key() throws IOException {
        CertificateFolder folder = made("a");
        byte[] authority = Files.readAllBytes(dir.resolve("a/ca.crt"));
        String key = Files.readString(dir.resolve("a/n1.key"));
        String serial = entry(folder, "n1").serial();

        folder.renew(90, now);

        assertThat(Files.readAllBytes(dir.resolve("a/ca.crt"))).isEqualTo(authority);
        assertThat(Files.readString(dir.resolve("a/n1.key"))).isNotEqualTo(key);
        assertThat(entry(folder, "n1").serial()).isNotEqualTo(serial);
        assertThat(entry(folder, "n1").hosts()).containsExactly("localhost", "127.0.0.1", "n1");
        assertThat(folder.firstExpiry()).isAfter(now.plus(Duration.ofDays(89)));
    }

    @Test
    void an_authority_is_not_overwritten() {
        CertificateFolder folder = made("a");

        assertThatThrownBy(() -> folder.create(plan(30), now))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holds an authority already");
    }

    @Test
    void days_are_bounded_and_never_outlive_the_authority() {
        assertThatThrownBy(() -> plan(0)).hasMessageContaining("days must be in 1..825 but is 0");
        assertThatThrownBy(() -> plan(826)).hasMessageContaining("but is 826");
        assertThat(plan(825).days()).isEqualTo(825);
        CertificateFolder folder = made("a");
        Instant lastDay = now.plus(Duration.ofDays(3649));
        assertThatThrownBy(() -> folder.renew(30, lastDay)).hasMessageContaining("the authority itself expires");
    }

    @Test
    void names_that_are_taken_and_hosts_that_are_none_are_refused() {
        assertThatThrownBy(() -> new CertificateFolder(dir.resolve("b"))
                        .create(new CertificateFolder.Plan("l", List.of("ca"), List.of(), 30), now))
                .hasMessageContaining("can not be named 'ca'");
        assertThatThrownBy(() -> new CertificateFolder.Plan("l", List.of("n1"), List.of("a b"), 30))
                .hasMessageContaining("'a b' is neither a host name nor an IP address");
        assertThatThrownBy(() -> new CertificateFolder.Plan("l", List.of("n1", "n1"), List.of(), 30))
                .hasMessageContaining("distinct");
    }

    @Test
    void a_certificate_of_the_authority_is_trusted_and_another_authoritys_is_not()
            throws IOException, GeneralSecurityException {
        CertificateFolder ours = made("a");
        CertificateFolder theirs = made("b");
        MutualTls n1 = MutualTls.open(ours.files("n1"));

        n1.trustManager().checkClientTrusted(chain(ours.files("client")), EC);
        assertThatThrownBy(() -> n1.trustManager().checkClientTrusted(chain(theirs.files("client")), EC))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void an_expired_certificate_is_not_trusted() throws IOException, GeneralSecurityException {
        CertificateFolder folder = new CertificateFolder(dir.resolve("a"));
        folder.create(plan(10), now.minus(Duration.ofDays(20)));

        assertThatThrownBy(() -> MutualTls.open(folder.files("n1"))
                        .trustManager()
                        .checkClientTrusted(chain(folder.files("client")), EC))
                .isInstanceOf(CertificateException.class)
                .hasStackTraceContaining("NotAfter");
    }

    @Test
    void a_client_is_no_server_and_no_node() throws IOException, GeneralSecurityException {
        CertificateFolder folder = made("a");
        MutualTls n1 = MutualTls.open(folder.files("n1"));

        assertThatThrownBy(() -> n1.trustManager().checkServerTrusted(chain(folder.files("client")), EC))
                .isInstanceOf(CertificateException.class);
        assertThatThrownBy(
                        () -> n1.trusting(Set.of(Party.NODE)).checkClientTrusted(chain(folder.files("sidecar-n1")), EC))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("is of sidecar");
        n1.trusting(Set.of(Party.NODE)).checkClientTrusted(chain(folder.files("n2")), EC);
    }

    @Test
    void a_key_of_another_certificate_is_refused() throws IOException {
        CertificateFolder folder = made("a");
        TlsFiles files = folder.files("n1");
        Files.copy(folder.files("n2").key(), files.key(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> MutualTls.open(files))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not belong to the certificate");
    }

    private static CertificateFolder.Entry entry(CertificateFolder folder, String name) {
        return folder.entries().stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static X509Certificate[] chain(TlsFiles files) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(files.certificate())) {
            return new X509Certificate[] {
                (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in)
            };
        }
    }
}

package io.homeostat.deploy.certs;

import io.homeostat.transport.Party;
import io.homeostat.transport.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * A folder with an authority ({@code ca.crt}, {@code ca.key}) and what it signed ({@code NAME.crt}, {@code NAME.key}).
 *
 * <p>The authority is made once and kept; certificates are made again by {@link #renew}, with new keys. A key is written
 * before its certificate, so that a reader that sees the new certificate finds its key. Only one process writes.
 */
public final class CertificateFolder {
    /** Renewing an authority means to visit every machine; ten years is as long as a cluster's format is kept readable. */
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);

    /** The limit that public authorities kept to for years: longer, and nobody remembers how to renew. */
    public static final int MAX_DAYS = 825;

    public static final int DEFAULT_DAYS = 365;
    private static final int MAX_NAMES = 64;
    private static final String AUTHORITY = "ca";
    private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----";
    private final Path folder;

    public CertificateFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Who is given a certificate.
     *
     * @param cluster organisation in every subject
     * @param nodes each gets one for itself ({@code n1}) and one for its sidecar ({@code sidecar-n1})
     * @param hosts names and addresses under which all of them are reached
     * @param days until the certificates expire
     */
    public record Plan(String cluster, List<String> nodes, List<String> hosts, int days) {
        public Plan {
            nodes = List.copyOf(nodes);
            hosts = List.copyOf(hosts);
            if (nodes.isEmpty() || nodes.size() > MAX_NAMES) {
                throw new IllegalArgumentException("nodes must be 1 to " + MAX_NAMES + " but are " + nodes.size());
            }
            if (new LinkedHashSet<>(nodes).size() != nodes.size()) {
                throw new IllegalArgumentException("nodes must be distinct but are " + nodes);
            }
            if (hosts.size() > MAX_NAMES) {
                throw new IllegalArgumentException("hosts must be at most " + MAX_NAMES + " but are " + hosts.size());
            }
            for (String host : hosts) {
                if (!Authority.isAddress(host) && !host.matches("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")) {
                    throw new IllegalArgumentException("'" + host + "' is neither a host name nor an IP address");
                }
            }
            if (days < 1 || days > MAX_DAYS) {
                throw new IllegalArgumentException("days must be in 1.." + MAX_DAYS + " but is " + days);
            }
        }
    }

    /** One certificate as it lies in the folder. {@code party} is {@code authority} for the authority's own. */
    public record Entry(String name, String party, List<String> hosts, Instant from, Instant until, String serial) {
        public long daysLeft(Instant now) {
            return Duration.between(now, until).toDays();
        }
    }

    public boolean exists() {
        return Files.exists(certificateFile(AUTHORITY));
    }

    /** Where a process finds its identity. */
    public TlsFiles files(String name) {
        return new TlsFiles(certificateFile(AUTHORITY), certificateFile(name), keyFile(name));
    }

    public static String sidecar(String node) {
        return "sidecar-" + node;
    }

    /** Certificates of the platform and of people at the command line. */
    public static final String PLATFORM = "platform";

    public static final String CLIENT = "client";

    /** Makes authority and certificates. Refuses a folder that has an authority. */
    public void create(Plan plan, Instant now) {
        if (exists()) {
            throw new IllegalArgumentException(folder + " holds an authority already; --renew makes its certificates"
                    + " again, another folder makes another authority");
        }
        for (String node : plan.nodes()) {
            if (Set.of(AUTHORITY, PLATFORM, CLIENT).contains(node) || node.startsWith("sidecar-")) {
                throw new IllegalArgumentException("a node can not be named '" + node + "': that name is taken here");
            }
        }
        List<Authority.Request> requests = requests(plan);
        SecretFile.directory(folder);
        Authority authority = Authority.create(plan.cluster(), now, now.plus(AUTHORITY_LIFE));
        for (Authority.Request request : requests) {
            write(request.name(), authority.sign(request, plan.cluster(), now, now.plus(Duration.ofDays(plan.days()))));
        }
        SecretFile.write(keyFile(AUTHORITY), pem(authority.key()));
        // Last: a folder with this file is complete.
        SecretFile.write(certificateFile(AUTHORITY), pem(authority.certificate()));
    }

    /** Makes every certificate again, for the same names and hosts, with new keys, signed by the same authority. */
    public void renew(int days, Instant now) {
        if (days < 1 || days > MAX_DAYS) {
            throw new IllegalArgumentException("days must be in 1.." + MAX_DAYS + " but is " + days);
        }
        X509Certificate root = certificate(certificateFile(AUTHORITY));
        Instant until = now.plus(Duration.ofDays(days));
        if (until.isAfter(root.getNotAfter().toInstant())) {
            throw new IllegalArgumentException("the authority itself expires at "
                    + root.getNotAfter().toInstant() + ", before these certificates would; make a new authority");
        }
        Authority authority = new Authority(root, key(keyFile(AUTHORITY)));
        for (Entry entry : entries()) {
            if (!entry.name().equals(AUTHORITY)) {
                Party party = Party.valueOf(entry.party().toUpperCase(Locale.ROOT));
                Authority.Request request = new Authority.Request(entry.name(), party, entry.hosts());
                write(entry.name(), authority.sign(request, attribute(root, "O"), now, until));
            }
        }
    }

    /** All certificates, the authority's first. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().endsWith(".crt"))
                    .sorted()
                    .toList()) {
                Entry entry = entry(file);
                entries.add(entry.name().equals(AUTHORITY) ? 0 : entries.size(), entry);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("expected a folder with certificates at " + folder, e);
        }
        if (entries.isEmpty() || !entries.get(0).name().equals(AUTHORITY)) {
            throw new IllegalArgumentException(
                    "expected an authority (ca.crt) in " + folder + " but found none; make one with ./homeostat certs");
        }
        return entries;
    }

    /** When the first certificate but the authority's expires. */
    public Instant firstExpiry() {
        return entries().stream()
                .filter(entry -> !entry.name().equals(AUTHORITY))
                .map(Entry::until)
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }

    private static List<Authority.Request> requests(Plan plan) {
        List<Authority.Request> requests = new ArrayList<>();
        for (String node : plan.nodes()) {
            List<String> hosts = new ArrayList<>(plan.hosts());
            if (!hosts.contains(node)) {
                hosts.add(node);
            }
            requests.add(new Authority.Request(node, Party.NODE, hosts));
            requests.add(new Authority.Request(sidecar(node), Party.SIDECAR, hosts));
        }
        // The platform serves people's browsers, when it does, under the same hosts.
        requests.add(new Authority.Request(PLATFORM, Party.PLATFORM, plan.hosts()));
        requests.add(new Authority.Request(CLIENT, Party.CLIENT, List.of()));
        return requests;
    }

    private void write(String name, Authority.Signed signed) {
        SecretFile.write(keyFile(name), pem(signed.key()));
        SecretFile.write(certificateFile(name), pem(signed.certificate()));
    }

    private Path certificateFile(String name) {
        return folder.resolve(name + ".crt");
    }

    private Path keyFile(String name) {
        return folder.resolve(name + ".key");
    }

    private static Entry entry(Path file) {
        X509Certificate certificate = certificate(file);
        String fileName = file.getFileName().toString();
        String name = fileName.substring(0, fileName.length() - ".crt".length());
        String party = attribute(certificate, "OU");
        List<String> hosts = new ArrayList<>();
        try {
            var names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                names.forEach(entry -> hosts.add(String.valueOf(entry.get(1))));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(file + " has alternative names that can not be read", e);
        }
        return new Entry(
                name,
                name.equals(AUTHORITY) ? "authority" : party,
                hosts,
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                certificate.getSerialNumber().toString(16));
    }

    private static String attribute(X509Certificate certificate, String type) {
        try {
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase(type)) {
                    return String.valueOf(rdn.getValue());
                }
            }
            return "";
        } catch (InvalidNameException e) {
            return "";
        }
    }

    private static X509Certificate certificate(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("expected a certificate in PEM in " + file, e);
        }
    }

    private static PrivateKey key(Path file) {
        try {
            String base64 = Files.readString(file)
                    .replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "")
                    .replaceAll("\\s", "");
            return KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the authority's key " + file + " is needed to sign; fetch it from where it is kept", e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("expected an EC private key as PKCS#8 PEM in " + file, e);
        }
    }

    private static String pem(PrivateKey key) {
        return "-----BEGIN PRIVATE KEY-----\n" + base64(key.getEncoded()) + "\n-----END PRIVATE KEY-----\n";
    }

    private static String pem(X509Certificate certificate) {
        try {
            return CERTIFICATE + "\n" + base64(certificate.getEncoded()) + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was just signed encodes", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    }
}

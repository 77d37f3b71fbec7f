package io.homeostat.deploy.certs;

import io.homeostat.transport.Party;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509ExtensionUtils;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs certificates with one key. What it signs is an ECDSA P-256 key of its own making, with subject
 * {@code CN=name, OU=party, O=cluster}, host names and addresses as subject alternative names, and the usages of its party:
 * nodes and sidecars are servers and clients, the platform and clients are clients only.
 *
 * <p>Immutable. Source: RFC 5280, sections 4.1 and 4.2.
 */
record Authority(X509Certificate certificate, PrivateKey key) {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final String CURVE = "secp256r1";
    /** RFC 5280, section 4.1.2.2: positive, at most 20 octets; so many random bits are never given twice. */
    private static final int SERIAL_BITS = 127;
    /** Clocks of two machines differ; a certificate made now is valid on the slower one, too. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** What is signed. {@code hosts} are names and addresses under which a server is reached; empty for a client. */
    record Request(String name, Party party, List<String> hosts) {
        Request {
            if (!name.matches("[a-z0-9._-]{1,64}")) {
                throw new IllegalArgumentException(
                        "a certificate's name must match [a-z0-9._-]{1,64} but is '" + name + "'");
            }
            hosts = List.copyOf(hosts);
        }

        boolean server() {
            return party == Party.NODE || party == Party.SIDECAR || !hosts.isEmpty();
        }
    }

    /** A new certificate with its key. */
    record Signed(X509Certificate certificate, PrivateKey key) {}

    static Authority create(String cluster, Instant from, Instant until) {
        KeyPair pair = keyPair();
        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, cluster)
                .addRDN(BCStyle.CN, cluster + " authority");
        try {
            X509ExtensionUtils ids = new BcX509ExtensionUtils();
            SubjectPublicKeyInfo publicKey = info(pair.getPublic());
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                            name.build(),
                            serial(),
                            Date.from(from.minus(CLOCK_SKEW)),
                            Date.from(until),
                            name.build(),
                            publicKey)
                    // It signs processes, no further authorities.
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(publicKey));
            return new Authority(signed(builder, pair.getPrivate()), pair.getPrivate());
        } catch (CertIOException e) {
            throw new IllegalStateException("extensions of a certificate always encode", e);
        }
    }

    Signed sign(Request request, String cluster, Instant from, Instant until) {
        KeyPair pair = keyPair();
        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, cluster)
                .addRDN(BCStyle.OU, request.party().wireName())
                .addRDN(BCStyle.CN, request.name());
        try {
            X509ExtensionUtils ids = new BcX509ExtensionUtils();
            SubjectPublicKeyInfo publicKey = info(pair.getPublic());
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                            org.bouncycastle.asn1.x500.X500Name.getInstance(
                                    certificate.getSubjectX500Principal().getEncoded()),
                            serial(),
                            Date.from(from.minus(CLOCK_SKEW)),
                            Date.from(until),
                            name.build(),
                            publicKey)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, usages(request))
                    .addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(publicKey))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            ids.createAuthorityKeyIdentifier(info(certificate.getPublicKey())));
            if (!request.hosts().isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, names(request.hosts()));
            }
            return new Signed(signed(builder, key), pair.getPrivate());
        } catch (CertIOException e) {
            throw new IllegalStateException("extensions of a certificate always encode", e);
        }
    }

    private static ExtendedKeyUsage usages(Request request) {
        return request.server()
                ? new ExtendedKeyUsage(
                        new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth})
                : new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth);
    }

    private static GeneralNames names(List<String> hosts) {
        List<GeneralName> names = new ArrayList<>();
        for (String host : hosts) {
            names.add(new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    /** Digits and dots, or with a colon: only then does the JDK read a literal, and asks no name server. */
    static boolean isAddress(String host) {
        if (!host.contains(":") && !host.matches("[0-9.]+")) {
            return false;
        }
        try {
            return !InetAddress.getByName(host).getHostAddress().isEmpty();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + host + "' is neither a host name nor an IP address", e);
        }
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with " + SIGNATURE, e);
        }
    }

    private static SubjectPublicKeyInfo info(PublicKey key) {
        return SubjectPublicKeyInfo.getInstance(key.getEncoded());
    }

    private static BigInteger serial() {
        return new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE);
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has the curve " + CURVE, e);
        }
    }
}

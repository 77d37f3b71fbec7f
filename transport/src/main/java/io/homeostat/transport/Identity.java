package io.homeostat.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * One reading of the files: key, chain and trust that belong together.
 *
 * @param alias differs from reading to reading, because TLS libraries remember certificates by alias
 */
record Identity(String alias, PrivateKey key, List<X509Certificate> chain, X509ExtendedTrustManager trust) {
    private static final String KEY_ALGORITHM = "EC";
    private static final String PROBE_ALGORITHM = "SHA256withECDSA";

    X509Certificate certificate() {
        return chain.get(0);
    }

    boolean is(String otherAlias) {
        return alias.equals(otherAlias);
    }

    static Identity read(TlsFiles files, String alias) throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = certificates(files.certificate());
        PrivateKey key = key(files.key());
        requirePair(key, chain.get(0), files);
        return new Identity(alias, key, chain, trust(certificates(files.authority())));
    }

    private static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            List<X509Certificate> found = new ArrayList<>();
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                found.add((X509Certificate) certificate);
            }
            if (found.isEmpty()) {
                throw new GeneralSecurityException("expected a certificate in PEM in " + file + " but found none");
            }
            return List.copyOf(found);
        }
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        String base64 = Files.readString(file)
                .replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "")
                .replaceAll("\\s", "");
        try {
            return KeyFactory.getInstance(KEY_ALGORITHM)
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("expected an EC private key as PKCS#8 PEM in " + file, e);
        }
    }

    /** Files are replaced one after the other: a reading in between finds a key and a certificate of two generations. */
    private static void requirePair(PrivateKey key, X509Certificate certificate, TlsFiles files)
            throws GeneralSecurityException {
        byte[] probe = new byte[32];
        new SecureRandom().nextBytes(probe);
        Signature signer = Signature.getInstance(PROBE_ALGORITHM);
        signer.initSign(key);
        signer.update(probe);
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance(PROBE_ALGORITHM);
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(probe);
        if (!verifier.verify(signature)) {
            throw new GeneralSecurityException(
                    "the key in " + files.key() + " does not belong to the certificate in " + files.certificate());
        }
    }

    private static X509ExtendedTrustManager trust(List<X509Certificate> authorities)
            throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            anchors.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(anchors);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("the JDK gave no X.509 trust manager");
    }
}

package io.homeostat.transport;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's identity and whom it trusts, for both ends of a connection. The door of the module.
 *
 * <p>The files are looked at again when a handshake begins, at most once a second: renewed certificates are used by the next
 * connection, without a restart. Files that can not be read or do not belong together leave the identity before in force,
 * said once per change. A peer is trusted when its certificate leads to the authority, is valid now, has the usage of its
 * side (RFC 5280, section 4.2.1.12) and, for a server, names the host that was asked for.
 *
 * <p>Thread-safe.
 */
public final class MutualTls {
    /** The only version: every process here is ours, and TLS 1.3 leaves no weak choice to configure (RFC 8446). */
    public static final String PROTOCOL = "TLSv1.3";

    private static final Logger LOG = LoggerFactory.getLogger(MutualTls.class);
    private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();
    private final TlsFiles files;
    private final X509ExtendedKeyManager keys = new Keys();
    private Identity current;
    private @Nullable Identity previous;
    private List<FileTime> seen;
    private long lookedNanos = System.nanoTime();
    private long generation;

    private MutualTls(TlsFiles files, Identity first, List<FileTime> seen) {
        this.files = files;
        this.current = first;
        this.seen = seen;
    }

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException when one can not be read, or key and certificate do not belong together
     */
    public static MutualTls open(TlsFiles files) {
        try {
            List<FileTime> seen = times(files);
            return new MutualTls(files, Identity.read(files, "identity-0"), seen);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "the TLS identity in " + files.certificate() + " can not be used: " + e
                            + "; make certificates with ./homeostat certs",
                    e);
        }
    }

    /** A client for HTTP: with this identity when there is one, else without TLS. HTTP/1.1, no redirects. */
    public static HttpClient.Builder client(Optional<MutualTls> tls) {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER);
        tls.ifPresent(identity -> builder.sslContext(identity.context()));
        return builder;
    }

    /**
     * For clients of the JDK: no client's certificate is taken for a server's. Verifies the host name wherever the client
     * asks for it, as {@code java.net.http} does.
     */
    public SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(
                    new KeyManager[] {keys},
                    new TrustManager[] {trusting(EnumSet.complementOf(EnumSet.of(Party.CLIENT)))},
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 11 has " + PROTOCOL, e);
        }
    }

    public X509ExtendedKeyManager keyManager() {
        return keys;
    }

    /** Trusts peers of any party. */
    public X509ExtendedTrustManager trustManager() {
        return trusting(EnumSet.allOf(Party.class));
    }

    /** Trusts peers whose certificate names one of the parties; others are refused in the handshake. */
    public X509ExtendedTrustManager trusting(Set<Party> parties) {
        return new Trust(EnumSet.copyOf(parties));
    }

    /** When this process's certificate, as it is now on disk, stops being valid. */
    public Instant expires() {
        return identity().certificate().getNotAfter().toInstant();
    }

    private Identity identity() {
        List<FileTime> now;
        synchronized (this) {
            if (System.nanoTime() - lookedNanos < LOOK_AGAIN_NANOS) {
                return current;
            }
            lookedNanos = System.nanoTime();
            try {
                now = times(files);
            } catch (IOException e) {
                // Between two renames a file can be missing; the next look finds it.
                return current;
            }
            if (now.equals(seen)) {
                return current;
            }
            seen = now;
            try {
                Identity read = Identity.read(files, "identity-" + (generation + 1));
                generation++;
                previous = current;
                current = read;
                LOG.atInfo()
                        .addKeyValue("certificate", files.certificate().getFileName())
                        .addKeyValue("expires", read.certificate().getNotAfter().toInstant())
                        .log("tls.identity_read_again");
            } catch (IOException | GeneralSecurityException e) {
                LOG.atWarn()
                        .addKeyValue("certificate", files.certificate().getFileName())
                        .addKeyValue("error", e.toString())
                        .log("tls.identity_kept: the changed files can not be used, so the identity before stays");
            }
            return current;
        }
    }

    private synchronized @Nullable Identity named(String alias) {
        if (current.is(alias)) {
            return current;
        }
        Identity before = previous;
        return before != null && before.is(alias) ? before : null;
    }

    private static List<FileTime> times(TlsFiles files) throws IOException {
        List<FileTime> times = new ArrayList<>();
        for (var file : List.of(files.authority(), files.certificate(), files.key())) {
            times.add(Files.getLastModifiedTime(file));
        }
        return times;
    }

    /** Shows the one identity, whatever authorities a peer names. */
    private final class Keys extends X509ExtendedKeyManager {
        private @Nullable String alias(@Nullable String keyType) {
            Identity identity = identity();
            return identity.key().getAlgorithm().equals(keyType) ? identity.alias() : null;
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            String alias = alias(keyType);
            return alias == null ? null : new String[] {alias};
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            for (String keyType : keyTypes) {
                String alias = alias(keyType);
                if (alias != null) {
                    return alias;
                }
            }
            return null;
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return chooseClientAlias(keyTypes, issuers, null);
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return getClientAliases(keyType, issuers);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return alias(keyType);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return alias(keyType);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            Identity identity = named(alias);
            return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            Identity identity = named(alias);
            return identity == null ? null : identity.key();
        }
    }

    /** The authority's word, and the party that it wrote into the certificate. */
    private final class Trust extends X509ExtendedTrustManager {
        private final Set<Party> parties;

        Trust(Set<Party> parties) {
            this.parties = parties;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            identity().trust().checkClientTrusted(chain, authType);
            requireParty(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            identity().trust().checkClientTrusted(chain, authType, socket);
            requireParty(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            identity().trust().checkClientTrusted(chain, authType, engine);
            requireParty(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            identity().trust().checkServerTrusted(chain, authType);
            requireParty(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            identity().trust().checkServerTrusted(chain, authType, socket);
            requireParty(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            identity().trust().checkServerTrusted(chain, authType, engine);
            requireParty(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return identity().trust().getAcceptedIssuers();
        }

        private void requireParty(X509Certificate[] chain) throws CertificateException {
            Optional<Party> party = Party.of(chain[0]);
            if (party.isEmpty() || !parties.contains(party.get())) {
                throw new CertificateException("expected a certificate of one of " + parties + " but '"
                        + chain[0].getSubjectX500Principal() + "' is of "
                        + party.map(Party::wireName).orElse("no known party"));
            }
        }
    }
}

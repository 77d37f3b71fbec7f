package io.homeostat.transport;

import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * What kind of process a certificate speaks for: the organisational unit of its subject. The authority decides it when it
 * signs; a process can not choose it.
 */
public enum Party {
    NODE,
    SIDECAR,
    PLATFORM,
    /** People at the command line and programs that use the public API. */
    CLIENT;

    /** As in the certificate's {@code OU}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The party that a certificate names; empty when it names none that is known. */
    static Optional<Party> of(X509Certificate certificate) {
        String unit = attribute(certificate, "OU");
        for (Party party : values()) {
            if (party.wireName().equals(unit)) {
                return Optional.of(party);
            }
        }
        return Optional.empty();
    }

    static String attribute(X509Certificate certificate, String type) {
        try {
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase(type)) {
                    return String.valueOf(rdn.getValue());
                }
            }
        } catch (InvalidNameException e) {
            // A subject that is no name names no party.
            return "";
        }
        return "";
    }
}

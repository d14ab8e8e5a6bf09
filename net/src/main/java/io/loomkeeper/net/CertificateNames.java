package io.loomkeeper.net;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/**
 * The names that a certificate is good for (RFC 9525): those in its subject alternative name or, if
 * that has neither names of hosts nor addresses, the subject's common name. No name is looked up in
 * either direction.
 */
final class CertificateNames {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private CertificateNames() {}

    /**
     * Whether a certificate is that of a host.
     *
     * @param host a name, or an address as text, IPv6 with or without brackets
     */
    static boolean isOf(X509Certificate certificate, String host) {
        InetAddress address = addressOf(host);
        boolean hasNames = false;
        for (List<?> name : alternatives(certificate)) {
            int type = (Integer) name.get(0);
            if (type != DNS_NAME && type != IP_ADDRESS) {
                continue;
            }
            hasNames = true;
            String text = (String) name.get(1);
            if (address == null
                    ? type == DNS_NAME && isNameOf(text, host)
                    : type == IP_ADDRESS && address.equals(addressOf(text))) {
                return true;
            }
        }
        String common = hasNames ? null : commonName(certificate);
        return common != null
                && (address == null ? isNameOf(common, host) : address.equals(addressOf(common)));
    }

    private static Collection<List<?>> alternatives(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static @Nullable InetAddress addressOf(String host) {
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        try {
            return InetAddress.ofLiteral(isBracketed ? host.substring(1, host.length() - 1) : host);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** A star stands for the whole first label of a name that has at least three. */
    private static boolean isNameOf(String pattern, String host) {
        String name = host.toLowerCase(Locale.ROOT);
        String asked = pattern.toLowerCase(Locale.ROOT);
        if (!asked.startsWith("*.")) {
            return asked.equals(name);
        }
        int dot = name.indexOf('.');
        String behind = asked.substring(1);
        return dot > 0 && behind.indexOf('.', 1) > 0 && name.substring(dot).equals(behind);
    }

    private static @Nullable String commonName(X509Certificate certificate) {
        try {
            List<Rdn> parts =
                    new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
            for (Rdn part : parts.reversed()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    return part.getValue().toString();
                }
            }
        } catch (InvalidNameException _) {
            return null;
        }
        return null;
    }
}

package io.loomkeeper.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The text form of keys and certificates (RFC 7468).
 *
 * <pre>
 *   -----BEGIN label-----
 *   base64, in lines
 *   -----END label-----
 * </pre>
 *
 * Whatever stands between such parts is passed over. Of keys, PKCS #8 is read, plain or encrypted.
 */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA", "DSA");

    /** One part of a text; {@code label} is such as {@code CERTIFICATE}. */
    private record Part(String label, String base64) {
        byte[] bytes() throws IOException {
            try {
                return Base64.getMimeDecoder().decode(base64);
            } catch (IllegalArgumentException e) {
                throw new IOException("its " + label + " is no base64", e);
            }
        }
    }

    private Pem() {}

    /** All certificates, in the order they stand. */
    static List<X509Certificate> certificates(String text)
            throws IOException, CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> found = new ArrayList<>();
        for (Part part : parts(text)) {
            if (part.label().endsWith("CERTIFICATE")) {
                ByteArrayInputStream in = new ByteArrayInputStream(part.bytes());
                found.add((X509Certificate) factory.generateCertificate(in));
            }
        }
        return found;
    }

    /**
     * The first private key.
     *
     * @param password for one that is encrypted
     */
    static PrivateKey privateKey(String text, char[] password)
            throws IOException, GeneralSecurityException {
        for (Part part : parts(text)) {
            switch (part.label()) {
                case "PRIVATE KEY" -> {
                    return decoded(new PKCS8EncodedKeySpec(part.bytes()));
                }
                case "ENCRYPTED PRIVATE KEY" -> {
                    return decoded(decrypted(part.bytes(), password));
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY" ->
                        throw new IOException(
                                "its key is not in PKCS #8; openssl pkcs8 -topk8 makes it so");
                default -> {}
            }
        }
        throw new IOException("no private key in it");
    }

    private static PKCS8EncodedKeySpec decrypted(byte[] bytes, char[] password)
            throws IOException, GeneralSecurityException {
        EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(bytes);
        // of PBES2 only the parameters know which algorithm it is
        String algorithm =
                encrypted.getAlgName().startsWith("PBES2")
                        ? encrypted.getAlgParameters().toString()
                        : encrypted.getAlgName();
        Key key = SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.DECRYPT_MODE, key, encrypted.getAlgParameters());
        return encrypted.getKeySpec(cipher);
    }

    /** The encoding says of which algorithm it is, but there is nobody to ask for it. */
    private static PrivateKey decoded(PKCS8EncodedKeySpec encoded)
            throws IOException, GeneralSecurityException {
        for (String algorithm : KEY_ALGORITHMS) {
            PrivateKey key = maybeDecoded(algorithm, encoded);
            if (key != null) {
                return key;
            }
        }
        throw new IOException("its key is of none of " + KEY_ALGORITHMS);
    }

    private static @Nullable PrivateKey maybeDecoded(String algorithm, PKCS8EncodedKeySpec encoded)
            throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
        } catch (InvalidKeySpecException _) {
            return null;
        }
    }

    private static List<Part> parts(String text) throws IOException {
        List<Part> parts = new ArrayList<>();
        int begin = text.indexOf(BEGIN);
        while (begin >= 0) {
            int labelAt = begin + BEGIN.length();
            int labelEnd = text.indexOf(DASHES, labelAt);
            if (labelEnd < 0) {
                throw new IOException("a BEGIN without its dashes");
            }
            String label = text.substring(labelAt, labelEnd);
            int contentAt = labelEnd + DASHES.length();
            int contentEnd = text.indexOf(DASHES + "END " + label + DASHES, contentAt);
            if (contentEnd < 0) {
                throw new IOException("BEGIN " + label + " without its END");
            }
            parts.add(new Part(label, text.substring(contentAt, contentEnd)));
            begin = text.indexOf(BEGIN, contentEnd);
        }
        return parts;
    }
}

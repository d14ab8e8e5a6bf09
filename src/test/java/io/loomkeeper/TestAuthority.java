package io.loomkeeper;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;

/** An authority that issues certificates for tests, with keys of its own, of ECDSA on P-256. */
public final class TestAuthority {
    public static final String PASSWORD = "changeit";

    /** Far enough on both sides that no clock matters. */
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    private static final Instant LONG_HENCE = Instant.parse("2049-01-01T00:00:00Z");

    // the tags of DER
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BITS = 0x03;
    private static final int OCTETS = 0x04;
    private static final int OID = 0x06;
    private static final int ENUMERATED = 0x0a;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;

    private static final byte[] OCSP = bytes(0x2b, 6, 1, 5, 5, 7, 0x30, 1);

    private static final byte[] ECDSA_WITH_SHA256 =
            der(SEQUENCE, der(OID, bytes(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)));

    private final X500Principal name;
    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;
    private int issued;

    /** Somebody's key, and the certificates that lead to whom others believe. */
    public record Identity(PrivateKey key, List<X509Certificate> chain) {
        /** As RFC 2253 writes it. */
        public String subject() {
            return chain.getFirst().getSubjectX500Principal().getName();
        }

        /** Writes both, in the form that the file's name ends in. */
        public Path write(Path file) {
            if (file.toString().endsWith(".pem")) {
                return replace(file, pem("PRIVATE KEY", key.getEncoded()) + certificates(chain));
            }
            Certificate[] certificates = chain.toArray(Certificate[]::new);
            return store(
                    file,
                    store -> store.setKeyEntry("key", key, PASSWORD.toCharArray(), certificates));
        }
    }

    /**
     * @param name distinguished, such as {@code CN=authority}
     */
    public TestAuthority(String name) {
        this.name = new X500Principal(name);
        byte[] constraints = der(SEQUENCE, der(BOOLEAN, bytes(0xff)));
        certificate =
                issue(
                        new X500Principal(name),
                        keys,
                        LONG_AGO,
                        LONG_HENCE,
                        extension(bytes(0x55, 0x1d, 0x13), constraints));
    }

    /**
     * A certificate that is good today.
     *
     * @param hosts names and addresses that it is for
     */
    public Identity issue(String subject, String... hosts) {
        return issue(subject, LONG_AGO, LONG_HENCE, hosts);
    }

    /** One that was good until some years ago. */
    public Identity issueExpired(String subject, String... hosts) {
        return issue(subject, LONG_AGO, LONG_AGO.plusSeconds(1), hosts);
    }

    /** One that says where the list of those is that have been revoked. */
    public Identity issueRevocable(String subject, String listedAt) {
        byte[] place = der(0x86, listedAt.getBytes(StandardCharsets.US_ASCII));
        byte[] points = der(SEQUENCE, der(SEQUENCE, der(0xa0, der(0xa0, place))));
        return issueWith(subject, LONG_AGO, LONG_HENCE, extension(bytes(0x55, 0x1d, 0x1f), points));
    }

    /** One that says where its issuer answers whether it has been revoked (RFC 6960). */
    public Identity issueAnswerable(String subject, String answeredAt) {
        byte[] place = der(0x86, answeredAt.getBytes(StandardCharsets.US_ASCII));
        byte[] access = der(SEQUENCE, der(SEQUENCE, der(OID, OCSP), place));
        byte[] oid = bytes(0x2b, 6, 1, 5, 5, 7, 1, 1);
        return issueWith(subject, LONG_AGO, LONG_HENCE, extension(oid, access));
    }

    /**
     * The signed answer to who asks whether a certificate has been revoked.
     *
     * @param request about one certificate
     */
    public byte[] answer(byte[] request, Identity... revoked) {
        byte[] asked = within(within(within(within(request))));
        int end = 2 + asked[1];
        byte[] certificateId = Arrays.copyOf(asked, end);
        boolean isRevoked =
                Arrays.stream(revoked)
                        .map(one -> one.chain().getFirst().getSerialNumber().toByteArray())
                        .map(number -> der(INTEGER, number))
                        .anyMatch(
                                number ->
                                        Arrays.equals(
                                                number,
                                                Arrays.copyOfRange(
                                                        certificateId, end - number.length, end)));
        byte[] one =
                der(
                        SEQUENCE,
                        certificateId,
                        isRevoked ? der(0xa1, longTime(LONG_AGO)) : der(0x80),
                        longTime(LONG_AGO),
                        der(0xa0, longTime(LONG_HENCE)));
        byte[] body =
                der(SEQUENCE, der(0xa1, name.getEncoded()), longTime(LONG_AGO), der(SEQUENCE, one));
        byte[] basic = der(OID, bytes(0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1));
        return der(
                SEQUENCE,
                der(ENUMERATED, bytes(0)),
                der(0xa0, der(SEQUENCE, basic, der(OCTETS, signed(body)))));
    }

    /** What a value of less than 128 bytes consists of, with whatever comes behind it. */
    private static byte[] within(byte[] value) {
        return Arrays.copyOfRange(value, 2, value.length);
    }

    private static byte[] longTime(Instant instant) {
        String text =
                DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT)
                        .format(instant.atOffset(ZoneOffset.UTC));
        return der(GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The list of those that have been revoked, signed. */
    public byte[] revoked(Identity... those) {
        List<byte[]> entries =
                Arrays.stream(those)
                        .map(one -> one.chain().getFirst().getSerialNumber())
                        .map(number -> der(INTEGER, number.toByteArray()))
                        .map(number -> der(SEQUENCE, number, time(LONG_AGO)))
                        .toList();
        return signed(
                der(
                        SEQUENCE,
                        der(INTEGER, bytes(1)),
                        ECDSA_WITH_SHA256,
                        name.getEncoded(),
                        time(LONG_AGO),
                        time(LONG_HENCE),
                        entries.isEmpty() ? new byte[0] : der(SEQUENCE, entries)));
    }

    private Identity issue(String subject, Instant from, Instant to, String... hosts) {
        byte[] names = der(SEQUENCE, Arrays.stream(hosts).map(TestAuthority::name).toList());
        return hosts.length == 0
                ? issueWith(subject, from, to)
                : issueWith(subject, from, to, extension(bytes(0x55, 0x1d, 0x11), names));
    }

    private Identity issueWith(String subject, Instant from, Instant to, byte[]... extensions) {
        KeyPair of = newKeys();
        X509Certificate leaf = issue(new X500Principal(subject), of, from, to, extensions);
        return new Identity(of.getPrivate(), List.of(leaf, certificate));
    }

    /** Writes this authority's certificate, in the form that the file's name ends in. */
    public Path writeTrust(Path file) {
        return file.toString().endsWith(".pem")
                ? replace(file, certificates(List.of(certificate)))
                : store(file, store -> store.setCertificateEntry("authority", certificate));
    }

    private X509Certificate issue(
            X500Principal subject, KeyPair of, Instant from, Instant to, byte[]... extensions) {
        byte[] body =
                der(
                        SEQUENCE,
                        der(0xa0, der(INTEGER, bytes(2))),
                        der(INTEGER, BigInteger.valueOf(++issued).toByteArray()),
                        ECDSA_WITH_SHA256,
                        name.getEncoded(),
                        der(SEQUENCE, time(from), time(to)),
                        subject.getEncoded(),
                        of.getPublic().getEncoded(),
                        extensions.length == 0
                                ? new byte[0]
                                : der(0xa3, der(SEQUENCE, List.of(extensions))));
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(signed(body)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] signed(byte[] body) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(body);
            byte[] bits = der(BITS, bytes(0), signature.sign());
            return der(SEQUENCE, body, ECDSA_WITH_SHA256, bits);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] extension(byte[] oid, byte[] value) {
        return der(SEQUENCE, der(OID, oid), der(OCTETS, value));
    }

    /** A name of a host, or an IPv4 address. */
    private static byte[] name(String host) {
        if (!host.matches("[0-9.]+")) {
            return der(0x82, host.getBytes(StandardCharsets.US_ASCII));
        }
        byte[] address = new byte[4];
        String[] parts = host.split("\\.", -1);
        for (int i = 0; i < address.length; i++) {
            address[i] = (byte) Integer.parseInt(parts[i]);
        }
        return der(0x87, address);
    }

    private static byte[] time(Instant instant) {
        String text =
                DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT)
                        .format(instant.atOffset(ZoneOffset.UTC));
        return der(UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] der(int tag, List<byte[]> parts) {
        return der(tag, parts.toArray(byte[][]::new));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        int length = content.size();
        if (length >= 0x80) {
            byte[] digits = BigInteger.valueOf(length).toByteArray();
            int from = digits[0] == 0 ? 1 : 0;
            all.write(0x80 | (digits.length - from));
            all.write(digits, from, digits.length - from);
        } else {
            all.write(length);
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static String certificates(List<X509Certificate> chain) {
        StringBuilder text = new StringBuilder();
        for (X509Certificate one : chain) {
            try {
                text.append(pem("CERTIFICATE", one.getEncoded()));
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
        return text.toString();
    }

    /** The text form of something (RFC 7468). */
    public static String pem(String label, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    private interface Filling {
        void fill(KeyStore store) throws GeneralSecurityException;
    }

    private static Path store(Path file, Filling filling) {
        try {
            KeyStore store =
                    KeyStore.getInstance(file.toString().endsWith(".jks") ? "JKS" : "PKCS12");
            store.load(null, null);
            filling.fill(store);
            try (OutputStream out = Files.newOutputStream(file)) {
                store.store(out, PASSWORD.toCharArray());
            }
            return file;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In one step, as whoever renews certificates should. */
    private static Path replace(Path file, String text) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(fresh, text);
            return Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

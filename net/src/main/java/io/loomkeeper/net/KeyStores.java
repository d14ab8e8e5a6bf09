package io.loomkeeper.net;

import io.loomkeeper.net.TlsOptions.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;

/** Reads the files that hold keys and certificates. */
final class KeyStores {
    private static final String PEM = "PEM";

    private KeyStores() {}

    /**
     * A private key with its certificates.
     *
     * @param password that the file and the key in it are opened with
     */
    static KeyStore keys(Store from, char[] password) throws IOException, GeneralSecurityException {
        if (!from.type().equals(PEM)) {
            return load(from, password);
        }
        String text = Files.readString(from.file(), StandardCharsets.ISO_8859_1);
        PrivateKey key = Pem.privateKey(text, password);
        List<X509Certificate> chain = Pem.certificates(text);
        if (chain.isEmpty()) {
            throw new IOException("no certificate in it");
        }
        KeyStore store = empty();
        store.setKeyEntry("key", key, password, chain.toArray(Certificate[]::new));
        return store;
    }

    /** Certificates that are believed. */
    static KeyStore trusted(Store from) throws IOException, GeneralSecurityException {
        if (!from.type().equals(PEM)) {
            return load(from, from.password().read());
        }
        KeyStore store = empty();
        int count = 0;
        String text = Files.readString(from.file(), StandardCharsets.ISO_8859_1);
        for (X509Certificate certificate : Pem.certificates(text)) {
            store.setCertificateEntry(Integer.toString(count++), certificate);
        }
        return store;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        return store;
    }

    private static KeyStore load(Store from, char[] password)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(from.type());
        try (InputStream in = Files.newInputStream(from.file())) {
            store.load(in, password);
        }
        return store;
    }
}

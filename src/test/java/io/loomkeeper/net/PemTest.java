package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomkeeper.TestAuthority;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PemTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void keysOfEachAlgorithmAreRead(String algorithm) throws GeneralSecurityException, IOException {
        PrivateKey key = KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();

        String text = "Bag Attributes\n" + TestAuthority.pem("PRIVATE KEY", key.getEncoded());

        assertArrayEquals(
                key.getEncoded(), Pem.privateKey(text, new char[0]).getEncoded(), algorithm);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PBEWithHmacSHA256AndAES_256", "PBEWithMD5AndDES"})
    void encryptedKeyIsReadWithItsPassword(String algorithm)
            throws GeneralSecurityException, IOException {
        PrivateKey key = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSWORD)));
        AlgorithmParameters parameters =
                AlgorithmParameters.getInstance(
                        algorithm.contains("Hmac") ? "PBES2" : cipher.getAlgorithm());
        parameters.init(cipher.getParameters().getEncoded());
        EncryptedPrivateKeyInfo encrypted =
                new EncryptedPrivateKeyInfo(parameters, cipher.doFinal(key.getEncoded()));
        String text = TestAuthority.pem("ENCRYPTED PRIVATE KEY", encrypted.getEncoded());

        assertArrayEquals(key.getEncoded(), Pem.privateKey(text, PASSWORD).getEncoded());
        assertThrows(
                GeneralSecurityException.class, () -> Pem.privateKey(text, "other".toCharArray()));
    }

    @Test
    void whatIsNoKeyIsRefusedWithAReason() {
        List<String> broken =
                List.of(
                        "",
                        "-----BEGIN PRIVATE KEY",
                        "-----BEGIN PRIVATE KEY-----\nAAAA",
                        TestAuthority.pem("PRIVATE KEY", new byte[] {1, 2, 3}),
                        TestAuthority.pem("RSA PRIVATE KEY", new byte[] {1, 2, 3}),
                        TestAuthority.pem("CERTIFICATE", new byte[] {1, 2, 3}));
        for (String text : broken) {
            assertThrows(IOException.class, () -> Pem.privateKey(text, PASSWORD), text);
        }
    }

    @Test
    void certificatesComeInTheOrderTheyStand() throws GeneralSecurityException, IOException {
        TestAuthority authority = new TestAuthority("CN=authority");
        TestAuthority.Identity one = authority.issue("CN=one");
        String text =
                TestAuthority.pem("CERTIFICATE", one.chain().get(1).getEncoded())
                        + "between\n"
                        + TestAuthority.pem("CERTIFICATE", one.chain().get(0).getEncoded());

        assertEquals(List.of(one.chain().get(1), one.chain().get(0)), Pem.certificates(text));
        assertEquals(List.of(), Pem.certificates("nothing"));
    }
}

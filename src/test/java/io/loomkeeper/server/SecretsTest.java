package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssl.keyStore.password",
                "zookeeper.ssl.quorum.trustStore.password",
                "javax.net.ssl.keyStorePassword",
                "DigestAuthenticationProvider.superDigest",
                "SASLAuthenticationProvider.superPassword",
                "http.proxyPassword",
                "MY_SECRET",
                "java.naming.security.credentials"
            })
    void whatOpensSomethingIsASecret(String name) {
        assertTrue(Secrets.isSecret(name), name);
        assertEquals("***", Secrets.shown(name, "x"));
        assertEquals("", Secrets.shown(name, ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssl.keyStore.passwordPath",
                "session.secretFile",
                "ssl.keyStore.location",
                "connection_throttle_tokens",
                "dataDir",
                "java.class.path"
            })
    void whereItIsKeptAndEverythingElseIsNone(String name) {
        assertEquals("x", Secrets.shown(name, "x"));
    }

    @Test
    void everyKeyOfAPasswordThatIsObeyedIsASecret() throws IOException, ConfigException {
        for (String key : Config.obeyedKeys()) {
            assertEquals(
                    key.matches(".*([pP]assword|superDigest)"), Secrets.isSecret(key), () -> key);
        }
    }

    /** However the key and the value are separated, and on however many lines the value stands. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssl.keyStore.password=s3cret",
                "ssl.keyStore.password:s3cret",
                "ssl.keyStore.password s3cret",
                "  ssl.keyStore.password\t =  s3cret  ",
                "ssl.keyStore.password=\\\n  s3cr\\\net",
                "ssl.keyStore.password \\\r\n  s3cret",
                "ssl.keyStore.pass\\u0077ord=s3cret",
                "ssl.keyStore.password=s3cret\\",
                "ssl.keyStore.password=s3cret\\u12",
                "# ssl.keyStore.password=s3cret",
                "#!ssl.keyStore.password s3cret"
            })
    void textIsShownWithoutThem(String entry) {
        String shown = Secrets.without("dataDir=/d\n" + entry + "\nclientPort=1");

        assertFalse(shown.contains("s3cr"), shown);
        assertFalse(shown.contains("et\n"), shown);
        assertTrue(shown.startsWith("dataDir=/d\n"), shown);
        assertTrue(shown.contains("***"), shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "a",
                "a=b\n# a remark\n\n  c : d \\\n  e\nssl.keyStore.passwordPath=/p",
                "a=b\\"
            })
    void whatHoldsNoneIsShownAsItIs(String text) {
        assertEquals(text, Secrets.without(text));
    }

    @Test
    void wrongValueOfASecretIsNotInTheMessage() {
        String text = "dataDir=/d\nclientPort=1\nDigestAuthenticationProvider.superDigest=s3cret\n";
        ConfigException refusal =
                assertThrows(
                        ConfigException.class,
                        () -> Config.parse("zoo.cfg", new StringReader(text), Map.of()));

        assertTrue(String.valueOf(refusal.getMessage()).contains("\"***\""), refusal::toString);
        assertFalse(refusal.toString().contains("s3cret"), refusal::toString);
    }

    @Test
    void lineThatCannotBeReadIsInTheMessageWithoutItsSecret() {
        String text = "ssl.keyStore.password=s3cret\\u12\n";
        ConfigException refusal =
                assertThrows(
                        ConfigException.class,
                        () -> Config.parse("zoo.cfg", new StringReader(text), Map.of()));

        assertFalse(refusal.toString().contains("s3cret"), refusal::toString);
    }
}

package io.loomkeeper.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomkeeper.TestAuthority;
import java.security.cert.X509Certificate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CertificateNamesTest {
    private final TestAuthority authority = new TestAuthority("CN=authority");

    @ParameterizedTest
    @CsvSource({
        "zk1.example.com, zk1.example.com, true",
        "ZK1.example.com, zk1.EXAMPLE.com, true",
        "zk1.example.com, zk2.example.com, false",
        "zk1.example.com, example.com, false",
        "*.example.com, zk1.example.com, true",
        "*.example.com, example.com, false",
        "*.example.com, a.zk1.example.com, false",
        "*.com, example.com, false",
        "zk*.example.com, zk1.example.com, false",
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.1, 127.0.0.2, false",
        "127.0.0.1, localhost, false",
        "localhost, 127.0.0.1, false",
    })
    void namesAreThoseOfTheAlternativeName(String inCertificate, String host, boolean isOf) {
        X509Certificate certificate =
                authority.issue("CN=" + host, inCertificate).chain().getFirst();

        assertEquals(isOf, CertificateNames.isOf(certificate, host));
    }

    @ParameterizedTest
    @CsvSource({
        "CN=zk1.example.com, zk1.example.com, true",
        "'CN=zk1.example.com,OU=us', zk1.example.com, true",
        "CN=zk1.example.com, zk2.example.com, false",
        "OU=zk1.example.com, zk1.example.com, false",
        "CN=127.0.0.1, 127.0.0.1, true",
    })
    void commonNameCountsWhereThereIsNoOther(String subject, String host, boolean isOf) {
        X509Certificate certificate = authority.issue(subject).chain().getFirst();

        assertEquals(isOf, CertificateNames.isOf(certificate, host));
    }
}

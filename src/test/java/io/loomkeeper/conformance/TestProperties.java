package io.loomkeeper.conformance;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The system properties with which a test configures the server in its own JVM, to be given to a
 * process instead.
 */
public final class TestProperties {
    private static final List<String> PREFIXES =
            List.of(
                    "zookeeper.",
                    "znode.",
                    "jute.",
                    "readonlymode.",
                    "java.security.auth.login.config");

    private TestProperties() {}

    /** Name and value of each. */
    public static Map<String, String> forServer() {
        Map<String, String> properties = new TreeMap<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            if (PREFIXES.stream().anyMatch(name::startsWith)
                    && !name.equals("zookeeper.serverCnxnFactory")) {
                properties.put(name, System.getProperty(name, ""));
            }
        }
        return properties;
    }
}

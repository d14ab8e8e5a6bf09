package io.loomkeeper.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;

/**
 * Apache's Java client that logs in by a module; it finds its section in what is the process' own.
 */
record SaslClient(String module, Map<String, String> options, ZKClientConfig config) {
    private static final String SECTION = "OneClient";

    /** What is done once it is decided who the client is. */
    interface Use {
        void of(ZooKeeper client, Set<KeeperState> states) throws Exception;
    }

    /**
     * Connects, waits until the server has said yes or no, and closes.
     *
     * @param patienceS how long that may take
     */
    void use(LiveServer server, int patienceS, Use use) throws Exception {
        Configuration.setConfiguration(new OneSection(module, options));
        config.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, SECTION);
        Set<KeeperState> states = ConcurrentHashMap.newKeySet();
        CountDownLatch decided = new CountDownLatch(1);
        ZooKeeper client =
                new ZooKeeper(
                        "127.0.0.1:" + server.server.address().getPort(),
                        30_000,
                        event -> {
                            states.add(event.getState());
                            if (event.getState() == KeeperState.SaslAuthenticated
                                    || event.getState() == KeeperState.AuthFailed) {
                                decided.countDown();
                            }
                        },
                        config);
        try {
            assertTrue(decided.await(patienceS, TimeUnit.SECONDS), () -> "only " + states);
            use.of(client, states);
        } finally {
            client.close();
            Configuration.setConfiguration(null);
        }
    }

    private static final class OneSection extends Configuration {
        private final AppConfigurationEntry[] entries;

        OneSection(String module, Map<String, String> options) {
            entries =
                    new AppConfigurationEntry[] {
                        new AppConfigurationEntry(module, LoginModuleControlFlag.REQUIRED, options)
                    };
        }

        @Override
        public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
            return name.equals(SECTION) ? entries.clone() : new AppConfigurationEntry[0];
        }
    }
}

package org.apache.curator.test;

import io.loomkeeper.conformance.ServerCommand;
import io.loomkeeper.conformance.ServerUnderTest;
import io.loomkeeper.conformance.TestProperties;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Replaces the class of this name in curator-test: the one place at which its TestingServer and TestingCluster start a
 * ZooKeeper server. Here that is a process.
 */
public class ZooKeeperServerEmbeddedAdapter implements ZooKeeperMainFace {
    private volatile ServerUnderTest server;

    @Override
    public void start(QuorumPeerConfigBuilder config) {
        try {
            Properties properties = config.buildProperties();
            Map<String, String> keys = new TreeMap<>();
            properties.stringPropertyNames().forEach(key -> keys.put(key, properties.getProperty(key)));
            keys.put("4lw.commands.whitelist", "*");
            keys.put("admin.enableServer", "false");
            Path directory = Path.of(keys.get("dataDir")).toAbsolutePath().resolve("served");
            keys.put("dataDir", directory.resolve("data").toString());
            ServerCommand command = ServerCommand.chosen();
            server = ServerUnderTest.launch(command, directory, keys, TestProperties.forServer());
            if (keys.keySet().stream().noneMatch(key -> key.startsWith("server."))) {
                server.awaitServing();
            }
        } catch (Exception e) {
            throw new FailedServerStartException(e);
        }
    }

    @Override
    public int getClientPort() {
        return server.port();
    }

    @Override
    public void kill() {
        server.kill();
    }

    @Override
    public void close() {
        if (server != null && server.isAlive()) {
            server.stop();
        }
    }
}

package io.loomkeeper.testkit;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A server of its own inside the test's process, with the methods of Curator's TestingServer. */
public final class TestingServer implements Closeable {
    private final Instance instance;

    /** Starts one on a free port. */
    public TestingServer() throws IOException {
        this(true);
    }

    public TestingServer(boolean start) throws IOException {
        this(-1, start);
    }

    /** Starts one on {@code port}; -1: a free one. */
    public TestingServer(int port) throws IOException {
        this(port, true);
    }

    public TestingServer(int port, boolean start) throws IOException {
        this(spec(port, InstanceSpec.newDirectory(), true), start);
    }

    /** Starts one with its data in {@code tempDirectory}, which goes with it. */
    public TestingServer(int port, File tempDirectory) throws IOException {
        this(port, tempDirectory, true);
    }

    public TestingServer(int port, File tempDirectory, boolean start) throws IOException {
        this(spec(port, tempDirectory.toPath(), true), start);
    }

    /** A server as {@code spec} says; its quorum and election ports are not used. */
    public TestingServer(InstanceSpec spec, boolean start) throws IOException {
        instance = new Instance(spec, "");
        if (start) {
            instance.start();
        }
    }

    private static InstanceSpec spec(int port, Path directory, boolean deletes) {
        return new InstanceSpec(directory, port, -1, -1, deletes, 1, Map.of());
    }

    /** The port; once it was started, also when a free one was asked for. */
    public int getPort() {
        return instance.spec().port();
    }

    public File getTempDirectory() {
        return instance.spec().dataDirectory().toFile();
    }

    public String getConnectString() {
        return instance.spec().getConnectString();
    }

    /** Starts it unless it runs. It accepts clients when this returns. */
    public void start() throws IOException {
        instance.start();
    }

    /** Stops it; data and sessions stay. */
    public void stop() throws IOException {
        instance.stop();
    }

    /** Stops it and starts it again, on the same port and data. */
    public void restart() throws IOException {
        instance.stop();
        instance.start();
    }

    /** Stops it and deletes its data. */
    @Override
    public void close() throws IOException {
        instance.close();
    }
}

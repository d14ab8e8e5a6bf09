package io.loomkeeper.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a running server to each constructor or method of a test that has a parameter of type
 * {@link TestingServer}: {@code @ExtendWith(LoomkeeperExtension.class)}. A parameter of a
 * constructor or of {@code @BeforeAll} gets one for the whole class, one of a test method or
 * {@code @BeforeEach} one for that test; it goes when they end.
 */
public final class LoomkeeperExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(LoomkeeperExtension.class);

    /** Closed by JUnit with the context that it is stored in. */
    private record Kept(TestingServer server) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestingServer.class;
    }

    @Override
    public TestingServer resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Store store = context.getStore(NAMESPACE);
        return store.computeIfAbsent(Kept.class, _ -> new Kept(start()), Kept.class).server();
    }

    private static TestingServer start() {
        try {
            return new TestingServer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

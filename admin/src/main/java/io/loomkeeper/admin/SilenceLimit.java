package io.loomkeeper.admin;

import io.helidon.common.socket.SocketOptions;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Ends connections whose other end says nothing. Helidon looks after those that have said something
 * like HTTP; what came before that, or never came, it would wait for without end.
 *
 * @param idleMs of silence; 0 is none
 */
record SilenceLimit(int idleMs) implements SocketOptions {
    @Override
    public void configureSocket(SocketChannel channel) {
        try {
            channel.socket().setTcpNoDelay(true);
            channel.socket().setSoTimeout(idleMs);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Map<SocketOption<?>, Object> socketOptions() {
        return Map.of(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    public Duration connectTimeout() {
        return readTimeout();
    }

    @Override
    public Duration readTimeout() {
        return Duration.ofMillis(idleMs);
    }

    @Override
    public Optional<Integer> socketReceiveBufferSize() {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> socketSendBufferSize() {
        return Optional.empty();
    }

    @Override
    public boolean socketReuseAddress() {
        return true;
    }

    @Override
    public boolean socketKeepAlive() {
        return false;
    }

    @Override
    public boolean tcpNoDelay() {
        return true;
    }
}

package io.loomkeeper.net;

import io.loomkeeper.net.wire.MalformedException;
import io.loomkeeper.net.wire.QuorumAuthCodec;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchange of proofs on a link that has just been opened (protocol 18.4): after the hello of
 * the election port, before the first packet of the quorum port.
 *
 * <p>Who dials proves itself, if it is told to; who is dialled looks at the first eight bytes to
 * see whether it does, and turns away who does not, if a proof is needed. What fails where none is
 * needed does not matter: the link goes on. The whole has the time of a hello.
 */
final class PeerHandshake {
    private static final Logger LOG = LoggerFactory.getLogger(PeerHandshake.class);

    /** Every mechanism is through with fewer. */
    private static final int ROUNDS_MAX = 5;

    private static final byte[] NONE = {};

    private final PeerSocket socket;
    private final long endNs;

    private PeerHandshake(PeerSocket socket, int timeoutMs) {
        this.socket = socket;
        endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    }

    /** Proves this server to the one that was dialled by that name. */
    static void give(PeerProof proof, String host, PeerSocket socket, int timeoutMs)
            throws IOException {
        if (proof.isGiven()) {
            new PeerHandshake(socket, timeoutMs).give(proof.giving(host));
        }
    }

    /** Lets the server that has dialled prove itself, one of these hosts. */
    static void judge(PeerProof proof, Set<String> hosts, PeerSocket socket, int timeoutMs)
            throws IOException {
        new PeerHandshake(socket, timeoutMs).judge(proof, hosts);
    }

    private void give(PeerProof.Exchange exchange) throws IOException {
        byte[] token = exchange.answer(NONE);
        send(QuorumAuthCodec.GOES_ON, token == null ? NONE : token);
        for (int round = 0; round <= ROUNDS_MAX; round++) {
            requireMagic(receive(QuorumAuthCodec.MAGIC_BYTES));
            byte[] rest = receive(QuorumAuthCodec.REST_BYTES);
            byte[] theirs = receiveToken(rest);
            switch (QuorumAuthCodec.status(rest)) {
                case QuorumAuthCodec.SUCCESS -> {
                    onSuccess(exchange, theirs);
                    return;
                }
                case QuorumAuthCodec.GOES_ON -> {
                    byte[] answer = exchange.answer(theirs);
                    send(QuorumAuthCodec.GOES_ON, answer == null ? NONE : answer);
                }
                default -> throw new IOException("the other server does not accept our proof");
            }
        }
        throw new ProtocolException("no end of authentication");
    }

    private static void onSuccess(PeerProof.Exchange exchange, byte[] last) throws IOException {
        if (!exchange.isDone() && exchange.answer(last) != null) {
            throw new ProtocolException("success before the end of authentication");
        }
        if (!exchange.isDone()) {
            throw new ProtocolException("success, and the other server has not proved itself");
        }
    }

    private void judge(PeerProof proof, Set<String> hosts) throws IOException {
        byte[] first = receive(QuorumAuthCodec.MAGIC_BYTES);
        if (!QuorumAuthCodec.isMagic(first)) {
            if (proof.isNeeded()) {
                throw new IOException("a server that does not authenticate");
            }
            socket.unread(first);
            return;
        }
        try {
            judgeAll(proof.judging(hosts));
        } catch (IOException e) {
            send(QuorumAuthCodec.ERROR, NONE);
            if (proof.isNeeded()) {
                throw e;
            }
            LOG.warn("a server did not authenticate, and need not: {}", e.getMessage());
        }
    }

    private void judgeAll(PeerProof.Exchange exchange) throws IOException {
        byte[] token = receiveToken(receive(QuorumAuthCodec.REST_BYTES));
        for (int round = 0; round <= ROUNDS_MAX; round++) {
            byte[] answer = exchange.answer(token);
            if (exchange.isDone()) {
                send(QuorumAuthCodec.SUCCESS, answer);
                return;
            }
            send(QuorumAuthCodec.GOES_ON, answer);
            requireMagic(receive(QuorumAuthCodec.MAGIC_BYTES));
            token = receiveToken(receive(QuorumAuthCodec.REST_BYTES));
        }
        throw new ProtocolException("no end of authentication");
    }

    private static void requireMagic(byte[] first) throws ProtocolException {
        if (!QuorumAuthCodec.isMagic(first)) {
            throw new ProtocolException("no authentication packet");
        }
    }

    private byte[] receiveToken(byte[] rest) throws IOException {
        try {
            return receive(QuorumAuthCodec.tokenBytes(rest));
        } catch (MalformedException e) {
            throw new ProtocolException(String.valueOf(e.getMessage()));
        }
    }

    private byte[] receive(int length) throws IOException {
        return socket.readFully(length, endNs);
    }

    private void send(int status, byte @Nullable [] token) throws IOException {
        socket.write(ByteBuffer.wrap(QuorumAuthCodec.encode(status, token)));
    }
}

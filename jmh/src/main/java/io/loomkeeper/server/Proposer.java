package io.loomkeeper.server;

import io.loomkeeper.net.wire.JuteOutput;
import io.loomkeeper.net.wire.RequestCodec;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Puts setData requests, encoded before, into the leader's ring, from a few connections in turn,
 * and waits for replies. Belongs to one thread.
 */
final class Proposer {
    private static final int NODES = 1000;
    private static final long ANSWER_NS_MAX = TimeUnit.MINUTES.toNanos(1);

    private final InProcessEnsemble ensemble;
    private final InProcessClient.Mailbox mailbox = new InProcessClient.Mailbox();
    private final List<InProcessClient> clients = new ArrayList<>();
    private final DirectBuffer[] requests = new DirectBuffer[NODES];
    private long sent;

    /**
     * Opens the sessions and makes the nodes.
     *
     * @param valueBytes of each node
     */
    Proposer(InProcessEnsemble ensemble, int connections, int valueBytes) {
        this.ensemble = ensemble;
        RequestRing ring = ensemble.leader();
        for (int i = 0; i < connections; i++) {
            InProcessClient client = new InProcessClient(ensemble.nextId(), ring, mailbox);
            clients.add(client);
            client.connect();
            sent++;
        }
        awaitAll();
        String parent = "/proposer-%d".formatted(ensemble.nextId());
        Bytes value = Bytes.of(new byte[valueBytes]);
        offer(create(parent, value));
        awaitAll();
        for (int i = 0; i < NODES; i++) {
            String path = parent + "/n%04d".formatted(i);
            offer(create(path, value));
            requests[i] = payload(new Request.SetData(path, value, -1));
        }
        awaitAll();
    }

    private static DirectBuffer create(String path, Bytes value) {
        return payload(new Request.Create(Op.CREATE, path, value, Acl.OPEN, 0, -1));
    }

    /** The frame without its length. */
    private static DirectBuffer payload(Request request) {
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
        JuteOutput out = new JuteOutput(buffer);
        RequestCodec.encode(1, request, out);
        byte[] bytes = new byte[out.position() - Integer.BYTES];
        buffer.getBytes(Integer.BYTES, bytes);
        return new UnsafeBuffer(bytes);
    }

    /** Puts one setData in; before that waits until fewer than {@code inFlight} are unanswered. */
    void propose(int inFlight) {
        awaitAnswers(sent - inFlight + 1);
        offer(requests[(int) (sent % NODES)]);
    }

    /** Puts one setData in and waits for the reply to it. */
    void proposeAndAwait() {
        offer(requests[(int) (sent % NODES)]);
        awaitAll();
    }

    /** Waits until nothing is unanswered. */
    void awaitAll() {
        awaitAnswers(sent);
    }

    private void offer(DirectBuffer request) {
        InProcessClient client = clients.get((int) (sent % clients.size()));
        while (!client.offer(request)) {
            mailbox.awaitMoreThan(mailbox.answered());
        }
        sent++;
    }

    private void awaitAnswers(long count) {
        if (mailbox.answered() >= count) {
            return;
        }
        long deadlineNs = System.nanoTime() + ANSWER_NS_MAX;
        while (mailbox.answered() < count) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new IllegalStateException("no answer within a minute");
            }
            mailbox.awaitMoreThan(count - 1);
            ensemble.check();
            if (!mailbox.refusal().isEmpty()) {
                throw new IllegalStateException(mailbox.refusal());
            }
        }
    }
}

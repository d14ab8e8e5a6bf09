package io.loomkeeper.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The nodes that a load works on: made before, cleared away after, all below one root of their own.
 *
 * <pre>
 *   /bench-HEX-             the root
 *   /bench-HEX-/n########   --nodes of them, with data
 *   /bench-HEX-/c########   one for each connection that creates or deletes; below it
 *   …/e########             what the connection creates or deletes
 * </pre>
 */
final class Stage implements AutoCloseable {
    private static final int BATCH_FRAMES = 256;
    private static final int BATCH_BYTES = 1 << 18;
    private static final int NO_NODE = -101;
    private static final int ERR_AT = 12;
    private static final byte[] NOTHING = {};

    private final LoadPlan plan;
    private final String root;
    private final byte[] value;
    private SocketChannel channel;
    private final List<RequestSource> sources = new ArrayList<>();

    private Stage(LoadPlan plan, SocketChannel channel) {
        this.plan = plan;
        this.channel = channel;
        root = "/bench-%08x-".formatted(new SplittableRandom().nextInt());
        value = Frames.value(plan.content().valueBytes());
    }

    /** Makes the nodes. */
    static Stage prepare(LoadPlan plan) throws IOException {
        SocketChannel channel =
                Sessions.open(plan.servers().getFirst(), LoadPlan.SESSION_TIMEOUT_MS);
        try {
            Stage stage = new Stage(plan, channel);
            stage.makeNodes();
            stage.syncOthers();
            return stage;
        } catch (IOException e) {
            channel.close();
            throw new IOException("the nodes of the load cannot be made: " + e.getMessage(), e);
        }
    }

    /**
     * Makes nodes that stay.
     *
     * @return a write to one of them, by its number
     */
    static Template make(InetSocketAddress server, int nodes, int valueBytes) throws IOException {
        Stage stage =
                prepare(
                        new LoadPlan(
                                List.of(server),
                                Workload.SET_DATA,
                                LoadPlan.Shape.closed(1, 1),
                                new LoadPlan.Content(nodes, valueBytes, 0, 1),
                                new LoadPlan.Timing(0, 1, 1)));
        return Frames.setData(stage.node(), stage.value);
    }

    /** The requests of connection number {@code connection}. */
    RequestSource sourceOf(int connection) {
        RequestSource source =
                switch (plan.workload()) {
                    case SET_DATA -> random(setNode(), setNode(), connection);
                    case GET_DATA, WATCH, SESSION -> random(getNode(), getNode(), connection);
                    case MIXED -> random(getNode(), setNode(), connection);
                    case EXISTS -> {
                        Template exists = Frames.exists(node());
                        yield random(exists, exists, connection);
                    }
                    case GET_CHILDREN -> {
                        Template list = Frames.getChildren(root);
                        yield random(list, list, connection);
                    }
                    case MULTI -> {
                        int ops = plan.content().opsPerMulti();
                        Template multi = Frames.multiSetData(node(), value, ops);
                        yield random(multi, multi, connection);
                    }
                    case CREATE ->
                            new CountingSource(
                                    List.of(createLeaf(connection, Frames.PERSISTENT)),
                                    Template.NUMBER_LIMIT);
                    case DELETE ->
                            new CountingSource(
                                    List.of(Frames.delete(leaf(connection))), leavesEach());
                    case EPHEMERAL ->
                            new CountingSource(
                                    List.of(
                                            createLeaf(connection, Frames.EPHEMERAL),
                                            Frames.delete(leaf(connection))),
                                    Template.NUMBER_LIMIT);
                };
        sources.add(source);
        return source;
    }

    /** A node with data that is there from the beginning. */
    String firstNode() {
        return node();
    }

    byte[] value() {
        return value;
    }

    /** Deletes all that is left, in a session of its own: the first has been silent for long. */
    @Override
    public void close() throws IOException {
        Sessions.close(List.of(channel));
        channel = Sessions.open(plan.servers().getFirst(), LoadPlan.SESSION_TIMEOUT_MS);
        try {
            clearLeaves();
            run(Frames.delete(hasLeaves() ? parent() : node()), hasLeaves() ? parents() : nodes());
            run(Frames.delete(root), 1);
        } finally {
            Sessions.close(List.of(channel));
        }
    }

    private void makeNodes() throws IOException {
        run(Frames.create(root, NOTHING, Frames.PERSISTENT), 1);
        if (!hasLeaves()) {
            run(Frames.create(node(), value, Frames.PERSISTENT), nodes());
            return;
        }
        run(Frames.create(parent(), NOTHING, Frames.PERSISTENT), parents());
        if (plan.workload() == Workload.DELETE) {
            for (int i = 0; i < parents(); i++) {
                run(createLeaf(i, Frames.PERSISTENT), leavesEach());
            }
        }
    }

    /** Every server has all nodes before anybody asks it for one. */
    private void syncOthers() throws IOException {
        for (InetSocketAddress server : plan.servers().subList(1, plan.servers().size())) {
            SocketChannel other = Sessions.open(server, LoadPlan.SESSION_TIMEOUT_MS);
            try {
                run(Frames.sync(root), 1, other);
            } finally {
                Sessions.close(List.of(other));
            }
        }
    }

    private void clearLeaves() throws IOException {
        if (plan.workload() == Workload.CREATE || plan.workload() == Workload.DELETE) {
            for (int i = 0; i < sources.size(); i++) {
                int created =
                        plan.workload() == Workload.DELETE
                                ? leavesEach()
                                : ((CountingSource) sources.get(i)).used();
                run(Frames.delete(leaf(i)), created);
            }
        }
    }

    /** Sends {@code template} with the numbers below {@code count}; no node is no error. */
    private void run(Template template, int count) throws IOException {
        run(template, count, channel);
    }

    private void run(Template template, int count, SocketChannel through) throws IOException {
        CountingSource source = new CountingSource(List.of(template), count);
        ByteBuffer out = ByteBuffer.allocate(Math.max(BATCH_BYTES, template.length()));
        InputStream in = through.socket().getInputStream();
        boolean more = true;
        while (more) {
            int frames = 0;
            out.clear();
            while (more && frames < BATCH_FRAMES && out.remaining() >= template.length()) {
                more = source.append(out, frames);
                frames += more ? 1 : 0;
            }
            Sessions.writeFully(through, out.flip());
            for (int i = 0; i < frames; i++) {
                int err = Sessions.readFrame(in).getInt(ERR_AT);
                if (!Set.of(0, NO_NODE).contains(err)) {
                    throw new IOException("error " + err + " below " + root);
                }
            }
        }
    }

    private RandomSource random(Template read, Template write, int connection) {
        int percent = plan.workload() == Workload.MIXED ? plan.content().readPercent() : 100;
        return new RandomSource(read, write, percent, nodes(), connection);
    }

    private Template setNode() {
        return Frames.setData(node(), value);
    }

    private Template getNode() {
        return Frames.getData(node(), false);
    }

    private Template createLeaf(int connection, int flags) {
        return Frames.create(leaf(connection), value, flags);
    }

    private boolean hasLeaves() {
        return switch (plan.workload()) {
            case CREATE, DELETE, EPHEMERAL -> true;
            case SET_DATA, GET_DATA, EXISTS, GET_CHILDREN, MIXED, MULTI, SESSION, WATCH -> false;
        };
    }

    private int nodes() {
        return plan.content().nodes();
    }

    private int parents() {
        return plan.shape().connections();
    }

    private int leavesEach() {
        return Math.max(1, nodes() / parents());
    }

    private String node() {
        return root + "/n" + Template.NUMBER;
    }

    private String parent() {
        return root + "/c" + Template.NUMBER;
    }

    private String leaf(int connection) {
        return "%s/c%08d/e%s".formatted(root, connection, Template.NUMBER);
    }
}
